output "account" {
  description = "The account's logging in this region: API Gateway's role, and where Bedrock logs calls of models, without what was said."
  value = {
    api_gateway_role_arn        = aws_api_gateway_account.this.cloudwatch_role_arn
    model_invocation_log_group  = { name = aws_cloudwatch_log_group.model_invocations.name, arn = aws_cloudwatch_log_group.model_invocations.arn }
    model_invocation_role_arn   = aws_iam_role.model_invocation_logs.arn
    model_invocation_logs_texts = false
  }
}

output "grants" {
  description = "IAM statements by purpose: none, the account's services use their own roles."
  value       = {}
}

output "alarms" {
  description = "Names of this module's alarms: none."
  value       = []
}

output "capacity_contract" {
  description = "What is kept of each call, and how long, known at plan time."
  value = {
    log_retention_days          = var.log_retention_days
    model_invocation_logs_texts = false
  }
}
