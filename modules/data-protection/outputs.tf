locals {
  # SQS uses a customer-managed key on behalf of the caller, who therefore needs the right to it (AWS docs: SQS, "Key management").
  through_sqs = { StringEquals = { "kms:ViaService" = ["sqs.${var.region}.amazonaws.com"] } }

  # Days after its deletion that a user's data can still be found, by place.
  erasure_window_parts = {
    point_in_time_recovery = var.retention.pitr_days
    logs                   = var.retention.log_days
    turn_dead_letters      = var.retention.dead_letter_days
    # Automated, hourly, and kept for 14 days (AWS docs: OpenSearch Service, "Creating index snapshots"; assumed of Serverless, whose docs state no number).
    vector_snapshots = length(local.vector_expiry) * 14
  }
}

# By itself: what encrypts with a key does not have to wait for the queue.
output "keys" {
  description = "ARNs of the keys by class of data: personal, operations, tickets."
  value       = { for class, key in local.keys : class => key.arn }
}

output "data_protection" {
  description = "Keys by class of data, the queue of requests for erasure, and the retention that every store of the deployment is given."
  value = {
    keys = { for class, key in local.keys : class => key.arn }
    erasure_queue = {
      url  = aws_sqs_queue.erasures.url
      arn  = aws_sqs_queue.erasures.arn
      name = local.queue_names.erasures
    }
    retention = var.retention
  }
}

output "grants" {
  description = "IAM statements by purpose: request_erasure, consume_erasure (what Lambda needs in the eraser's role), expire_vectors (what Lambda needs to say what it could not delete), mint_ticket (for the product's own backend), verify_ticket."
  value = {
    request_erasure = [
      {
        sid        = "RequestErasure"
        effect     = "Allow"
        actions    = ["sqs:SendMessage"]
        resources  = [aws_sqs_queue.erasures.arn]
        conditions = {}
      },
      {
        sid        = "EncryptErasureRequests"
        effect     = "Allow"
        actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources  = [aws_kms_key.personal.arn]
        conditions = local.through_sqs
      },
    ]
    consume_erasure = [
      {
        sid        = "ConsumeErasureRequests"
        effect     = "Allow"
        actions    = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources  = [aws_sqs_queue.erasures.arn]
        conditions = {}
      },
      {
        sid        = "DecryptErasureRequests"
        effect     = "Allow"
        actions    = ["kms:Decrypt"]
        resources  = [aws_kms_key.personal.arn]
        conditions = local.through_sqs
      },
    ]
    expire_vectors = [
      {
        sid     = "ReportVectorExpiryFailures"
        effect  = "Allow"
        actions = ["sqs:SendMessage"]
        # By name: the queue is there only with vector_expiry, which names the function that needs this grant.
        resources  = ["arn:${local.partition}:sqs:${var.region}:${var.account_id}:${local.queue_names.vector_expiry_failures}"]
        conditions = {}
      },
      {
        sid        = "EncryptVectorExpiryFailures"
        effect     = "Allow"
        actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
        resources  = [aws_kms_key.personal.arn]
        conditions = local.through_sqs
      },
    ]
    mint_ticket = [
      {
        sid        = "MintTickets"
        effect     = "Allow"
        actions    = ["kms:GenerateMac"]
        resources  = [aws_kms_key.tickets.arn]
        conditions = {}
      },
    ]
    verify_ticket = [
      {
        sid        = "VerifyTickets"
        effect     = "Allow"
        actions    = ["kms:VerifyMac"]
        resources  = [aws_kms_key.tickets.arn]
        conditions = {}
      },
    ]
  }
}

output "alarms" {
  description = "Names of the alarms on erasures that wait or fail, and on vectors that outlive their memories."
  value = sort(concat(
    [aws_cloudwatch_metric_alarm.erasure_age.alarm_name, aws_cloudwatch_metric_alarm.erasure_dead_letters.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.vector_expiry_failures : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.vector_expiry_age : alarm.alarm_name],
  ))
}

output "capacity_contract" {
  description = "Retention and erasure, known at plan time. erasure_window_days is how long an erased user's data can still be found at the most: the longest of erasure_window_parts."
  value = {
    memory_days                        = var.retention.memory_days
    pitr_days                          = var.retention.pitr_days
    log_days                           = var.retention.log_days
    dead_letter_days                   = var.retention.dead_letter_days
    erasure_window_days                = max(values(local.erasure_window_parts)...)
    erasure_window_parts               = local.erasure_window_parts
    erasure_visibility_timeout_seconds = 6 * var.eraser_timeout_seconds
    erasure_retention_days             = 14
    erasure_max_receives               = local.erasure_receives
    erasure_max_concurrency            = 2
    key_deletion_days                  = 30
  }
}
