# Addresses of the queues never change: a queue that is replaced takes the turns in it along.

resource "aws_sqs_queue" "turns" {
  name                              = "${var.name}-turns.fifo"
  fifo_queue                        = true
  content_based_deduplication       = false
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  visibility_timeout_seconds        = local.visibility_timeout_seconds
  message_retention_seconds         = var.retention_seconds
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = local.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receives
  })
}

# SQS takes no standard queue as the dead letter queue of a FIFO queue; plan does not notice.
resource "aws_sqs_queue" "dead_letters" {
  name                              = "${var.name}-turns-dead-letters.fifo"
  fifo_queue                        = true
  content_based_deduplication       = false
  deduplication_scope               = "messageGroup"
  fifo_throughput_limit             = "perMessageGroupId"
  message_retention_seconds         = var.dead_letter_days * 86400
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = local.tags
}

# Inside the queue it would need the ARN of a queue that needs this one's.
resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.turns.arn]
  })
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = each.value.url

  # Only denials: the account's IAM policies decide who may, and no other account can be let in by mistake.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = each.value.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "DenyOtherAccounts"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = each.value.arn
        Condition = { StringNotEquals = { "aws:PrincipalAccount" = split(":", each.value.arn)[4] } }
      },
    ]
  })
}

locals {
  queues = {
    turns        = aws_sqs_queue.turns
    dead-letters = aws_sqs_queue.dead_letters
  }
  tags = merge(var.tags, { data = "personal" })

  # AWS docs: Lambda, "Creating and configuring an Amazon SQS event source mapping".
  visibility_timeout_seconds = 6 * var.consumer_timeout_seconds

  # What can start in a second when every place is taken, and what can start before the deadline.
  max_turns_per_second = var.max_concurrency / var.seconds_per_turn
  turns_in_time        = floor(local.max_turns_per_second * var.deadline_seconds)
}
