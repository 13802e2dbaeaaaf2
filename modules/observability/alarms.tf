locals {
  # What the handlers publish (modules/turn-handler/src): FirstTokenMs and TurnMs of an answered turn, and counts of
  # Busy, Failed, Blocked and DeadlineExceeded.
  turn_dimensions = { Deployment = var.name }

  # AWS docs: Monitor Amazon Bedrock Guardrails using CloudWatch metrics.
  guardrail_dimensions = { GuardrailArn = var.sources.guardrail.arn, GuardrailVersion = var.sources.guardrail.version }
  guardrail_failures   = ["InvocationClientErrors", "InvocationServerErrors", "InvocationThrottles"]

  # Every turn ends as one of these, and is counted in the handlers' metrics as such.
  ratios = {
    busy = {
      metric      = "Busy"
      limit       = var.slo.busy_ratio
      description = "of ${var.name}'s turns are told to come back later: more users than max_concurrency serves, or slower turns than it was sized for."
    }
    failed = {
      metric      = "Failed"
      limit       = var.slo.failed_ratio
      description = "of ${var.name}'s turns fail: see the log group of the worker."
    }
  }

  objective_alarms = concat(
    [
      aws_cloudwatch_metric_alarm.first_token.alarm_name,
      aws_cloudwatch_metric_alarm.guardrail_draft.alarm_name,
      aws_cloudwatch_metric_alarm.guardrail_failing.alarm_name,
      aws_cloudwatch_metric_alarm.interventions.alarm_name,
      aws_cloudwatch_metric_alarm.queue_age.alarm_name,
    ],
    [for alarm in aws_cloudwatch_metric_alarm.turns : alarm.alarm_name],
  )
}

resource "aws_cloudwatch_metric_alarm" "first_token" {
  alarm_name          = "${var.name}-slo-first-token"
  alarm_description   = "1 in 20 turns of ${var.name} takes longer than ${var.slo.first_token_ms} ms from the queue to its first words."
  namespace           = "Companion"
  metric_name         = "FirstTokenMs"
  dimensions          = local.turn_dimensions
  extended_statistic  = "p95"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.slo.first_token_ms
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  # A percentile of a handful of turns says nothing.
  evaluate_low_sample_count_percentiles = "ignore"
  treat_missing_data                    = "notBreaching"
  alarm_actions                         = var.alarm_topic_arns
  ok_actions                            = var.alarm_topic_arns
  tags                                  = var.tags
}

resource "aws_cloudwatch_metric_alarm" "turns" {
  for_each = local.ratios

  alarm_name          = "${var.name}-slo-${each.key}"
  alarm_description   = "More than ${format("%.4g", 100 * each.value.limit)} % ${each.value.description}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.limit
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags

  # A share of fewer than ten turns is chance.
  metric_query {
    id          = "ratio"
    expression  = "IF(FILL(answered, 0) + FILL(busy, 0) + FILL(failed, 0) >= 10, FILL(${each.key}, 0) / (FILL(answered, 0) + FILL(busy, 0) + FILL(failed, 0)), 0)"
    label       = "Share of turns"
    return_data = true
  }

  metric_query {
    id = "answered"
    metric {
      namespace   = "Companion"
      metric_name = "TurnMs"
      dimensions  = local.turn_dimensions
      period      = 300
      stat        = "SampleCount"
    }
  }

  dynamic "metric_query" {
    for_each = local.ratios
    content {
      id = metric_query.key
      metric {
        namespace   = "Companion"
        metric_name = metric_query.value.metric
        dimensions  = local.turn_dimensions
        period      = 300
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "queue_age" {
  alarm_name          = "${var.name}-slo-queue-age"
  alarm_description   = "The oldest turn in ${var.sources.queue_name} has been older than ${var.slo.queue_age_seconds} s for five minutes: users wait for nothing."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = var.sources.queue_name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.slo.queue_age_seconds
  period              = 60
  # One crashed turn stays until its visibility timeout ends; only a queue that is late all the time fails its users.
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "interventions" {
  alarm_name          = "${var.name}-slo-guardrail-interventions"
  alarm_description   = "The guardrail steps in more often than in ${format("%.4g", 100 * var.slo.intervention_ratio)} % of texts: an attack, users in distress, or a new policy that refuses too much. Read what it refuses before loosening it."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.slo.intervention_ratio
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags

  metric_query {
    id          = "ratio"
    expression  = "IF(FILL(invocations, 0) >= 10, FILL(interventions, 0) / invocations, 0)"
    label       = "Share of texts"
    return_data = true
  }

  metric_query {
    id = "invocations"
    metric {
      namespace   = "AWS/Bedrock/Guardrails"
      metric_name = "Invocations"
      dimensions  = local.guardrail_dimensions
      period      = 300
      stat        = "Sum"
    }
  }

  metric_query {
    id = "interventions"
    metric {
      namespace   = "AWS/Bedrock/Guardrails"
      metric_name = "InvocationsIntervened"
      dimensions  = local.guardrail_dimensions
      period      = 300
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "guardrail_failing" {
  alarm_name          = "${var.name}-slo-guardrail-failing"
  alarm_description   = "Calls of the guardrail fail or are throttled: turns fail with them, because nothing is answered unchecked. Ask for a higher quota of text units, or look for a deleted version."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags

  metric_query {
    id          = "failures"
    expression  = "SUM(METRICS())"
    label       = "Failed calls"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.guardrail_failures
    content {
      id = lower(metric_query.value)
      metric {
        namespace   = "AWS/Bedrock/Guardrails"
        metric_name = metric_query.value
        dimensions  = local.guardrail_dimensions
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "guardrail_draft" {
  alarm_name          = "${var.name}-slo-guardrail-draft"
  alarm_description   = "Somebody calls the guardrail's DRAFT instead of its pinned version ${var.sources.guardrail.version}: a policy that changes under the users who talk to it."
  namespace           = "AWS/Bedrock/Guardrails"
  metric_name         = "Invocations"
  dimensions          = { GuardrailArn = var.sources.guardrail.arn, GuardrailVersion = "DRAFT" }
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
