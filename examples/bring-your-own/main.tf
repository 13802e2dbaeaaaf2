# A companion of your own that takes two parts: what may be said, and what keeps a spike from drowning it.

module "moderation" {
  source = "../../modules/moderation"

  name            = var.name
  kms_key_arn     = var.kms_key_arn
  crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112, or find a helpline at https://findahelpline.com."
  model_arns      = ["arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0"]
}

module "turn_queue" {
  source = "../../modules/turn-queue"

  name             = var.name
  kms_key_arn      = var.kms_key_arn
  alarm_topic_arns = var.alarm_topic_arns

  # Your own function, and its own timeout.
  consumer_arn             = var.worker.function_arn
  consumer_timeout_seconds = var.worker.timeout_seconds
  max_concurrency          = 20
}

# Your worker may take turns, check texts, and call the model with the pinned guardrail, and nothing else.
resource "aws_iam_role_policy" "worker" {
  name = "companion-turns"
  role = var.worker.role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for grant in concat(module.turn_queue.grants.consume, module.moderation.grants.apply, module.moderation.grants.enforced_invoke) : {
        for key, value in {
          Sid       = grant.sid
          Effect    = grant.effect
          Action    = grant.actions
          Resource  = grant.resources
          Condition = grant.conditions
        } : key => value if length(value) > 0
      }
    ]
  })
}

output "guardrail" {
  description = "Pass id and version to your worker; it must stream with stream_mode."
  value       = module.moderation.guardrail
}

output "queue" {
  description = "Where your API sends turns, and the deadline that your worker keeps."
  value       = module.turn_queue.queue
}
