locals {
  stage_dimensions = { ApiId = aws_apigatewayv2_api.this.id, Stage = "live" }
  # What reaches a function and comes back wrong. Both stay at 0 when all is well.
  failures = {
    "execution-errors" = {
      metric      = "ExecutionError"
      description = "API Gateway could not call a function of ${var.name}: look for throttled functions, missing permissions and timeouts in the execution log."
    }
    "integration-errors" = {
      metric      = "IntegrationError"
      description = "Functions of ${var.name} answer clients with errors (4xx or 5xx): look into the functions' logs."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  for_each = local.failures

  alarm_name          = "${var.name}-realtime-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/ApiGateway"
  metric_name         = each.value.metric
  dimensions          = local.stage_dimensions
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

# A lone scanner is always refused somewhere, so the alarm waits for a share of all clients.
resource "aws_cloudwatch_metric_alarm" "refused" {
  alarm_name          = "${var.name}-realtime-refused"
  alarm_description   = "More than a tenth of what clients send to ${var.name} is refused (401, 403 or 429): look for a broken authorizer, an attack, or a throttle that is too tight."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags

  metric_query {
    id          = "percent"
    expression  = "IF(refused >= 10, 100 * refused / (refused + FILL(connects, 0) + FILL(messages, 0)), 0)"
    label       = "Refused, in percent of all"
    return_data = true
  }

  metric_query {
    id = "refused"
    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = "ClientError"
      dimensions  = local.stage_dimensions
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "connects"
    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = "ConnectCount"
      dimensions  = local.stage_dimensions
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "messages"
    metric {
      namespace   = "AWS/ApiGateway"
      metric_name = "MessageCount"
      dimensions  = local.stage_dimensions
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "connect_rate" {
  alarm_name          = "${var.name}-realtime-connect-rate"
  alarm_description   = "New connections to ${var.name} reach 80 % of the ${local.throttles["$connect"].rate_per_second} a second that $connect lets in: ask for a higher quota and raise the throttle."
  namespace           = "AWS/ApiGateway"
  metric_name         = "ConnectCount"
  dimensions          = local.stage_dimensions
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # The metric counts a minute.
  threshold           = 0.8 * 60 * local.throttles["$connect"].rate_per_second
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-realtime-latency"
  alarm_description   = "For 1 in 100 messages to ${var.name} the function takes longer than ${var.latency_alarm_ms} ms."
  namespace           = "AWS/ApiGateway"
  metric_name         = "IntegrationLatency"
  dimensions          = local.stage_dimensions
  extended_statistic  = "p99"
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
