provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "me" {}

locals {
  account_id = data.aws_caller_identity.me.account_id
  kms_key    = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  topics     = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]
}

module "account_baseline" {
  source = "../../../../modules/account-baseline"

  name        = "companion"
  account_id  = local.account_id
  region      = "eu-central-1"
  kms_key_arn = local.kms_key
}

module "voice" {
  source = "../../../../modules/voice"

  name             = "companion-prod"
  region           = "eu-central-1"
  turns_per_second = 2

  languages = {
    "de-DE" = { voice_id = "Vicki", phrases = ["Robin"], filtered_words = ["Schimpfwort"] }
  }
}

module "turn_handler" {
  source = "../../../../modules/turn-handler"

  name             = "companion-prod"
  account_id       = local.account_id
  region           = "eu-central-1"
  kms_key_arn      = local.kms_key
  alarm_topic_arns = local.topics
  features         = []

  settings = {
    memory               = module.memory_hot.memory
    ticket_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
    queue                = { url = "https://sqs.eu-central-1.amazonaws.com/111122223333/companion-prod-turns.fifo", deadline_seconds = 4 }
    erasure_queue        = { url = "https://sqs.eu-central-1.amazonaws.com/111122223333/companion-prod-erasure" }
    connections_endpoint = "https://abcdef1234.execute-api.eu-central-1.amazonaws.com/live"
    guardrail            = module.moderation.guardrail
    model                = { engine = "sagemaker", id = module.inference_endpoint.endpoint.name }
    persona = {
      prompt          = "You are Robin, a kind companion. Never claim to be human."
      disclosure      = "Hi, I am Robin. I am an AI, not a person."
      crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112."
    }
  }

  grants = {
    authorizer = module.memory_hot.grants.authenticate
    connection = module.memory_hot.grants.connect
    ingest     = module.memory_hot.grants.admit
    worker     = module.memory_hot.grants.recall
    erase      = module.memory_hot.grants.erase
  }
}

module "realtime_edge" {
  source = "../../../../modules/realtime-edge"

  name             = "companion-prod"
  kms_key_arn      = local.kms_key
  alarm_topic_arns = local.topics

  authorizer = {
    function_arn = module.turn_handler.handlers.functions.authorizer.arn
    invoke_arn   = module.turn_handler.handlers.functions.authorizer.invoke_arn
  }

  routes = {
    for route, function in { "$connect" = "connection", "$disconnect" = "connection", "$default" = "ingest", send = "ingest" } : route => {
      function_arn = module.turn_handler.handlers.functions[function].arn
      invoke_arn   = module.turn_handler.handlers.functions[function].invoke_arn
    }
  }

  throttle = {
    rate_per_second = 50
    burst           = 100
  }

  domain = {
    name            = "chat.example.com"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
  }

  # No stage may write logs before the account has a role for it.
  depends_on = [module.account_baseline]
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

output "edge" {
  value = module.realtime_edge.api
}
