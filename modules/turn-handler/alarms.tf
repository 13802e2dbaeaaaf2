resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = { for key, name in local.function_names : key => name if !contains(local.forgetting, key) }

  alarm_name          = "${each.value}-errors"
  alarm_description   = "Function ${each.value} fails: see its log group /aws/lambda/${each.value}."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value }
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

resource "aws_cloudwatch_metric_alarm" "forgetting_errors" {
  for_each = { for key, name in local.function_names : key => name if contains(local.forgetting, key) }

  alarm_name          = "${each.value}-errors"
  alarm_description   = "Function ${each.value} failed: something that a user was promised is forgotten may still be there. See its log group and its dead letters."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  for_each = { for key, name in local.function_names : key => name if contains(local.waited_for, key) }

  alarm_name          = "${each.value}-throttles"
  alarm_description   = "Function ${each.value} is throttled while users wait: raise the account's concurrency, or lower the queue's max_concurrency."
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = each.value }
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

resource "aws_cloudwatch_metric_alarm" "worker_near_timeout" {
  alarm_name          = "${local.function_names["worker"]}-near-timeout"
  alarm_description   = "A turn took more than 80 % of the ${var.worker.timeout_seconds} s after which the worker is cut off in the middle of its answer: the model is slow, or worker.timeout_seconds too short."
  namespace           = "AWS/Lambda"
  metric_name         = "Duration"
  dimensions          = { FunctionName = local.function_names["worker"] }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  # The metric is in milliseconds.
  threshold           = 0.8 * 1000 * var.worker.timeout_seconds
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
