locals {
  # Calls of an application inference profile are counted under its id, the end of its ARN, in the deployment's region
  # (Cloud Custodian: metrics filter of aws.bedrock-inference-profile; AWS docs name the dimension, but not its value).
  model_ids = { for key, profile in aws_bedrock_inference_profile.this : key => split("/", profile.arn)[1] }
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  for_each = var.models

  alarm_name          = "${var.name}-${each.key}-throttles"
  alarm_description   = "Bedrock throttles calls of ${each.value.model_id}: lower max_tokens, which is reserved for each call, or ask for more tokens a minute."
  namespace           = "AWS/Bedrock"
  metric_name         = "InvocationThrottles"
  dimensions          = { ModelId = local.model_ids[each.key] }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  for_each = var.models

  alarm_name          = "${var.name}-${each.key}-server-errors"
  alarm_description   = "Bedrock answers calls of ${each.value.model_id} with server errors."
  namespace           = "AWS/Bedrock"
  metric_name         = "InvocationServerErrors"
  dimensions          = { ModelId = local.model_ids[each.key] }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each = var.models

  alarm_name          = "${var.name}-${each.key}-latency"
  alarm_description   = "1 in 20 answers of ${each.value.model_id} takes longer than ${var.latency_alarm_ms} ms, to its last token."
  namespace           = "AWS/Bedrock"
  metric_name         = "InvocationLatency"
  dimensions          = { ModelId = local.model_ids[each.key] }
  extended_statistic  = "p95"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.latency_alarm_ms
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
