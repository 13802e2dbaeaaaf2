locals {
  # SQS uses a customer-managed key on behalf of the caller, who therefore needs the right to it (AWS docs: SQS, "Key management").
  through_sqs = { StringEquals = { "kms:ViaService" = ["sqs.${split(":", var.kms_key_arn)[3]}.amazonaws.com"] } }
}

output "queue" {
  description = "The queue and its dead letter queue. Senders set MessageGroupId to the conversation, MessageDeduplicationId to the turn, and enqueued_at in the message; the consumer answers busy once deadline_seconds have passed since."
  value = {
    url                        = aws_sqs_queue.turns.url
    arn                        = aws_sqs_queue.turns.arn
    name                       = local.queue_names.turns
    deadline_seconds           = var.deadline_seconds
    visibility_timeout_seconds = local.visibility_timeout_seconds
    dead_letters = {
      url  = aws_sqs_queue.dead_letters.url
      arn  = aws_sqs_queue.dead_letters.arn
      name = local.queue_names.dead_letters
    }
  }
}

output "grants" {
  description = "IAM statements by purpose: send (a turn), consume (what Lambda needs in the consumer's role)."
  value = {
    send = [
      {
        sid        = "SendTurns"
        effect     = "Allow"
        actions    = ["sqs:SendMessage"]
        resources  = [aws_sqs_queue.turns.arn]
        conditions = {}
      },
      {
        sid        = "EncryptTurns"
        effect     = "Allow"
        actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources  = [var.kms_key_arn]
        conditions = local.through_sqs
      },
    ]
    consume = [
      {
        sid        = "ConsumeTurns"
        effect     = "Allow"
        actions    = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources  = [aws_sqs_queue.turns.arn]
        conditions = {}
      },
      {
        sid        = "DecryptTurns"
        effect     = "Allow"
        actions    = ["kms:Decrypt"]
        resources  = [var.kms_key_arn]
        conditions = local.through_sqs
      },
    ]
  }
}

output "alarms" {
  description = "Names of the alarms on late turns, backlog and dead letters."
  value       = sort([for alarm in [aws_cloudwatch_metric_alarm.age, aws_cloudwatch_metric_alarm.backlog, aws_cloudwatch_metric_alarm.dead_letters] : alarm.alarm_name])
}

output "capacity_contract" {
  description = "What the queue carries, known at plan time. stage_rate_per_second and stage_burst are what to let through at the edge: a fifth more than can be served, and no more at once than starts in time."
  value = {
    batch_size                 = 1
    max_concurrency            = var.max_concurrency
    seconds_per_turn           = var.seconds_per_turn
    max_turns_per_second       = local.max_turns_per_second
    turns_in_time              = local.turns_in_time
    stage_rate_per_second      = ceil(1.2 * local.max_turns_per_second)
    stage_burst                = max(1, floor(1.2 * local.max_turns_per_second * var.deadline_seconds))
    deadline_seconds           = var.deadline_seconds
    visibility_timeout_seconds = local.visibility_timeout_seconds
    retention_seconds          = var.retention_seconds
    max_receives               = var.max_receives
    dead_letter_days           = var.dead_letter_days
  }
}
