provider "aws" {
  region = "eu-central-1"
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  for_each = { a = 0, b = 1, c = 2 }

  vpc_id            = aws_vpc.this.id
  availability_zone = "eu-central-1${each.key}"
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
}

resource "aws_security_group" "this" {
  name        = "vectors"
  description = "Vector store of the companion"
  vpc_id      = aws_vpc.this.id
}

module "moderation" {
  source = "../../../../modules/moderation"

  name        = "companion-prod"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

  crisis_referral = "Wenn du daran denkst, dir etwas anzutun: ruf kostenlos 0800 111 0 111 an, zu jeder Zeit."

  denied_topics = {
    "medical advice" = {
      definition = "Diagnosis of an illness, or advice on starting, stopping or dosing a medicine."
      examples   = ["How much ibuprofen can I take at once?", "Should I stop my antidepressants?"]
    }
  }

  pii_entities = {
    EMAIL     = "BLOCK"
    DRIVER_ID = "ANONYMIZE"
  }

  model_arns = ["arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0"]
}

module "memory_hot" {
  source = "../../../../modules/memory-hot"

  name             = "companion-prod"
  kms_key_arn      = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

  break_glass_reason = "the apply test destroys its tables again"

  retention_days = 90
  pitr_days      = 7

  max_request_units = {
    read  = 4000
    write = 1000
  }
}

module "vectors_domain" {
  source = "../../../../modules/memory-vectors"

  name             = "companion-prod"
  kms_key_arn      = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

  engine           = "domain"
  admin_role_arn   = "arn:aws:iam::111122223333:role/companion-vectors-admin"
  client_role_arns = ["arn:aws:iam::111122223333:role/companion-worker"]

  network = {
    vpc_id             = aws_vpc.this.id
    subnet_ids         = [for subnet in aws_subnet.this : subnet.id]
    security_group_ids = [aws_security_group.this.id]
  }

  domain = {
    engine_version     = "OpenSearch_2.19"
    instance_type      = "r7g.large.search"
    instance_count     = 3
    availability_zones = 3
    volume_gib         = 200
  }
}

module "vectors_serverless" {
  source = "../../../../modules/memory-vectors"

  name             = "companion-dev"
  kms_key_arn      = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

  engine           = "serverless"
  admin_role_arn   = "arn:aws:iam::111122223333:role/companion-vectors-admin"
  client_role_arns = ["arn:aws:iam::111122223333:role/companion-worker"]

  network = {
    vpc_id             = aws_vpc.this.id
    subnet_ids         = [for subnet in aws_subnet.this : subnet.id]
    security_group_ids = [aws_security_group.this.id]
  }
}

module "inference_endpoint" {
  source = "../../../../modules/inference-endpoint"

  name             = "companion-prod"
  kms_key_arn      = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

  network = {
    subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    security_group_ids = ["sg-0123456789abcdef0"]
  }

  model = {
    image           = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion-llm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    artifact_s3_uri = "s3://companion-models/companion-llm/2026-01/"
  }

  instance = {
    type                = "ml.inf2.xlarge"
    concurrent_requests = 4
    seconds_per_request = 3
  }

  scaling = {
    min    = 2
    max    = 10
    quota  = 12
    target = 2.8
  }
}

output "guardrail" {
  value = module.moderation.guardrail
}

output "memory" {
  value = module.memory_hot.memory
}

output "vectors_domain" {
  value = module.vectors_domain.vectors
}

output "vectors_serverless" {
  value = module.vectors_serverless.vectors
}

output "endpoint" {
  value = module.inference_endpoint.endpoint
}
