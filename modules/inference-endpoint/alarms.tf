locals {
  variant_dimensions = { EndpointName = local.endpoint_name, VariantName = local.variant_name }
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name          = "${var.name}-endpoint-server-errors"
  alarm_description   = "Endpoint ${local.endpoint_name} answers with server errors; a running roll-out is rolled back."
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  dimensions          = local.variant_dimensions
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  # The metric is 1 for a failed request and 0 for any other, so its average is a rate.
  threshold           = 0.01
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-endpoint-latency"
  alarm_description   = "1 in 100 requests to endpoint ${local.endpoint_name} takes longer than ${var.latency_alarm_ms} ms; a running roll-out is rolled back."
  namespace           = "AWS/SageMaker"
  metric_name         = "ModelLatency"
  dimensions          = local.variant_dimensions
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  # The metric is in microseconds.
  threshold           = var.latency_alarm_ms * 1000
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "at_max_capacity" {
  alarm_name        = "${var.name}-endpoint-at-max-capacity"
  alarm_description = "Endpoint ${local.endpoint_name} runs its maximum of ${var.scaling.max} instances: more load waits or is shed. Raise scaling.max and the quota."
  namespace         = "/aws/sagemaker/Endpoints"
  metric_name       = "CPUUtilization"
  dimensions        = local.variant_dimensions
  # SageMaker publishes no count of instances. Each reports its CPU once a minute (assumed), so samples count instances.
  statistic           = "SampleCount"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.scaling.max
  period              = 60
  evaluation_periods  = 15
  datapoints_to_alarm = 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
