output "store" {
  description = "The same shape as ../serverless."
  value = {
    arn      = aws_opensearch_domain.this.arn
    endpoint = "https://${aws_opensearch_domain.this.endpoint}"
    # Deletes every vector of a user in one request; a serverless collection has no such request.
    delete_by_query = true
    signing_service = "es"
  }
}

locals {
  index_arn = "${aws_opensearch_domain.this.arn}/${var.index_name}"
}

output "grants" {
  description = "IAM statements by purpose."
  value = {
    search = [{
      sid        = "SearchVectors"
      effect     = "Allow"
      actions    = ["es:ESHttpPost"]
      resources  = ["${local.index_arn}/_search"]
      conditions = {}
    }]
    index = [{
      sid        = "IndexVectors"
      effect     = "Allow"
      actions    = ["es:ESHttpPut"]
      resources  = ["${local.index_arn}/_doc/*"]
      conditions = {}
    }]
    forget = [{
      sid        = "ForgetVectors"
      effect     = "Allow"
      actions    = ["es:ESHttpDelete"]
      resources  = ["${local.index_arn}/_doc/*"]
      conditions = {}
    }]
    erase = [{
      sid    = "EraseVectorsOfUser"
      effect = "Allow"
      # The count afterwards proves that nothing is left.
      actions    = ["es:ESHttpPost"]
      resources  = ["${local.index_arn}/_count", "${local.index_arn}/_delete_by_query"]
      conditions = {}
    }]
  }
}

output "alarms" {
  description = "Names of the alarms."
  value       = concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], [aws_cloudwatch_metric_alarm.storage.alarm_name])
}
