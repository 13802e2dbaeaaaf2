# Addresses of the queues never change: a queue that is replaced takes requests for erasure along.

resource "aws_sqs_queue" "erasures" {
  name                       = local.queue_names.erasures
  visibility_timeout_seconds = 6 * var.eraser_timeout_seconds
  # The most that SQS keeps: no request may be lost.
  message_retention_seconds         = 1209600
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = aws_kms_key.personal.arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = local.personal

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.erasure_dead_letters.arn
    maxReceiveCount     = local.erasure_receives
  })
}

# A letter keeps the age that it had in a standard queue (AWS docs: SQS, dead-letter queue retention), so this queue can only keep it as long as that one.
resource "aws_sqs_queue" "erasure_dead_letters" {
  name                              = local.queue_names.erasure_dead_letters
  message_retention_seconds         = 1209600
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = aws_kms_key.personal.arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = local.personal
}

resource "aws_sqs_queue_redrive_allow_policy" "erasure_dead_letters" {
  queue_url = aws_sqs_queue.erasure_dead_letters.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.erasures.arn]
  })
}

resource "aws_sqs_queue_policy" "erasures" {
  for_each = {
    erasures              = aws_sqs_queue.erasures
    erasures-dead-letters = aws_sqs_queue.erasure_dead_letters
  }

  queue_url = each.value.url
  policy    = jsonencode({ Version = "2012-10-17", Statement = [for denial in local.denials : merge(denial, { Resource = each.value.arn })] })
}

# What is in it names a shard and a position of the stream, and nothing personal (AWS docs: Lambda, "Retain discarded records for a DynamoDB event source").
resource "aws_sqs_queue" "vector_expiry_failures" {
  for_each = local.vector_expiry

  name                              = local.queue_names.vector_expiry_failures
  message_retention_seconds         = 1209600
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = aws_kms_key.personal.arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = local.personal
}

resource "aws_sqs_queue_policy" "vector_expiry_failures" {
  for_each = aws_sqs_queue.vector_expiry_failures

  queue_url = each.value.url
  policy    = jsonencode({ Version = "2012-10-17", Statement = [for denial in local.denials : merge(denial, { Resource = each.value.arn })] })
}

locals {
  personal = merge(var.tags, { data = "personal" })
  # AWS docs: Lambda, SQS event source mapping: at least 5, so that throttling alone fills no dead letter queue.
  erasure_receives = 5

  # Known at plan time, unlike the queues' attributes.
  queue_names = {
    erasures               = "${var.name}-erasures"
    erasure_dead_letters   = "${var.name}-erasures-dead-letters"
    vector_expiry_failures = "${var.name}-vector-expiry-failures"
  }

  vector_expiry = { for key, expiry in { vectors = var.vector_expiry } : key => expiry if expiry != null }

  # Only denials: the account's IAM policies decide who may, and no other account can be let in by mistake.
  denials = [
    {
      Sid       = "DenyWithoutTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
    {
      Sid       = "DenyOtherAccounts"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = var.account_id } }
    },
  ]
}
