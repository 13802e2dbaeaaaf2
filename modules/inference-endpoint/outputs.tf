output "endpoint" {
  description = "The endpoint, its variant and its role. volume_encryption says what encrypts the instances' storage: the key, or the hardware of types with instance store."
  value = {
    name              = aws_sagemaker_endpoint.this.name
    arn               = aws_sagemaker_endpoint.this.arn
    variant           = local.variant_name
    configuration     = aws_sagemaker_endpoint_configuration.this.name
    model             = aws_sagemaker_model.this.name
    execution_role    = aws_iam_role.execution.arn
    log_group         = aws_cloudwatch_log_group.this.name
    volume_encryption = local.has_instance_store ? "hardware" : "kms"
  }
}

output "grants" {
  description = "IAM statements by purpose: invoke (a whole answer at once), stream (an answer as it is made)."
  value = {
    invoke = [{
      sid        = "InvokeEndpoint"
      effect     = "Allow"
      actions    = ["sagemaker:InvokeEndpoint"]
      resources  = [aws_sagemaker_endpoint.this.arn]
      conditions = {}
    }]
    stream = [{
      sid        = "StreamFromEndpoint"
      effect     = "Allow"
      actions    = ["sagemaker:InvokeEndpointWithResponseStream"]
      resources  = [aws_sagemaker_endpoint.this.arn]
      conditions = {}
    }]
  }
}

output "alarms" {
  description = "Names of the alarms on server errors, latency and exhausted capacity."
  value = sort([
    aws_cloudwatch_metric_alarm.at_max_capacity.alarm_name,
    aws_cloudwatch_metric_alarm.latency.alarm_name,
    aws_cloudwatch_metric_alarm.server_errors.alarm_name,
  ])
}

output "capacity_contract" {
  description = "What the fleet can carry, known at plan time."
  value = {
    min_instances           = var.scaling.min
    max_instances           = var.scaling.max
    quota                   = var.scaling.quota
    metric                  = var.scaling.metric
    target                  = var.scaling.target
    min_concurrent_requests = var.scaling.min * var.instance.concurrent_requests
    max_concurrent_requests = var.scaling.max * var.instance.concurrent_requests
    max_requests_per_second = var.scaling.max * var.instance.concurrent_requests / var.instance.seconds_per_request
  }
}
