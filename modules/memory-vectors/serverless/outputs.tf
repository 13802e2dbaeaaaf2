output "store" {
  description = "The same shape as ../domain."
  value = {
    arn             = aws_opensearchserverless_collection.this.arn
    endpoint        = aws_opensearchserverless_collection.this.collection_endpoint
    delete_by_query = false
    signing_service = "aoss"
  }
}

# What a role may do to documents is in the data access policy; IAM only opens the collection's API.
locals {
  open_collection = {
    effect     = "Allow"
    actions    = ["aoss:APIAccessAll"]
    resources  = [aws_opensearchserverless_collection.this.arn]
    conditions = {}
  }
}

output "grants" {
  description = "IAM statements by purpose."
  value = {
    search = [merge(local.open_collection, { sid = "SearchVectors" })]
    index  = [merge(local.open_collection, { sid = "IndexVectors" })]
    forget = [merge(local.open_collection, { sid = "ForgetVectors" })]
    erase  = [merge(local.open_collection, { sid = "EraseVectorsOfUser" })]
  }
}

output "alarms" {
  description = "Names of the alarms."
  value       = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name]
}
