module "moderation" {
  source = "../../modules/moderation"

  name            = var.name
  kms_key_arn     = aws_kms_key.this.arn
  crisis_referral = var.crisis_referral

  denied_topics = {
    "medical advice" = {
      definition = "Diagnosis of an illness, or advice on starting, stopping or dosing a medicine."
      examples   = ["How much ibuprofen can I take at once?", "Should I stop my antidepressants?"]
    }
  }
}

module "memory_hot" {
  source = "../../modules/memory-hot"

  name             = var.name
  kms_key_arn      = aws_kms_key.this.arn
  alarm_topic_arns = [aws_sns_topic.alarms.arn]
  retention_days   = 90
  pitr_days        = 7
}

module "memory_vectors" {
  source = "../../modules/memory-vectors"

  name             = var.name
  kms_key_arn      = aws_kms_key.this.arn
  alarm_topic_arns = [aws_sns_topic.alarms.arn]

  engine           = "domain"
  network          = var.network
  admin_role_arn   = var.vectors_admin_role_arn
  client_role_arns = [for role in aws_iam_role.app : role.arn]

  domain = {
    instance_type      = "r7g.large.search"
    instance_count     = 3
    availability_zones = 3
    volume_gib         = 100
  }
}

module "inference_endpoint" {
  source = "../../modules/inference-endpoint"

  name             = var.name
  kms_key_arn      = aws_kms_key.this.arn
  alarm_topic_arns = [aws_sns_topic.alarms.arn]
  model            = var.model

  network = {
    subnet_ids         = var.network.subnet_ids
    security_group_ids = var.network.security_group_ids
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
