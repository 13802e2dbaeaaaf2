locals {
  # Known at plan time, unlike the tables' attributes; kept in step with main.tf by a test.
  table_names = {
    memory      = "${var.name}-memory"
    connections = "${var.name}-connections"
    state       = "${var.name}-state"
  }
  # SystemErrors is published per operation only (AWS docs: DynamoDB metrics and dimensions).
  operations = ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"]
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  for_each = local.table_names

  alarm_name          = "${each.value}-throttles"
  alarm_description   = "Requests to ${each.value} were throttled: raise max_request_units, or find the hot user_id."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags

  metric_query {
    id          = "throttles"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    label       = "Throttled reads and writes"
    return_data = true
  }

  metric_query {
    id = "reads"
    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "ReadThrottleEvents"
      dimensions  = { TableName = each.value }
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "writes"
    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "WriteThrottleEvents"
      dimensions  = { TableName = each.value }
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "system_errors" {
  for_each = local.table_names

  alarm_name          = "${each.value}-system-errors"
  alarm_description   = "DynamoDB answered requests to ${each.value} with server errors."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags

  metric_query {
    id          = "errors"
    expression  = "SUM(METRICS())"
    label       = "Server errors of all operations"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.operations
    content {
      id = lower(metric_query.value)
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SystemErrors"
        dimensions  = { TableName = each.value, Operation = metric_query.value }
        period      = 60
        stat        = "Sum"
      }
    }
  }
}
