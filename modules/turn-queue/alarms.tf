locals {
  # Known at plan time, unlike the queues' attributes; kept in step with main.tf by a test.
  queue_names = {
    turns        = "${var.name}-turns.fifo"
    dead_letters = "${var.name}-turns-dead-letters.fifo"
  }
  # A turn is in the queue until it is answered. One that started in time is this old when an ordinary turn ends.
  late_after_seconds = var.deadline_seconds + var.seconds_per_turn
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "${var.name}-turns-age"
  alarm_description   = "The oldest turn in ${local.queue_names.turns} is older than the deadline of ${var.deadline_seconds} s and a turn of ${var.seconds_per_turn} s, for five minutes: workers fail, are throttled, or do not drop late turns."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = local.queue_names.turns }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.late_after_seconds
  period              = 60
  # One crashed turn stays until its visibility timeout ends; only a queue that is late all the time is overloaded.
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "backlog" {
  alarm_name          = "${var.name}-turns-backlog"
  alarm_description   = "More than ${local.turns_in_time} turns wait in ${local.queue_names.turns}, which ${var.max_concurrency} workers cannot start within ${var.deadline_seconds} s: users are told to come back. Raise max_concurrency and what serves it."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue_names.turns }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.turns_in_time
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.name}-turns-dead-letters"
  alarm_description   = "A turn failed ${var.max_receives} times and is in ${local.queue_names.dead_letters}: its user may have heard nothing. Read the worker's logs, then purge the queue; a turn is too late to be sent again."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue_names.dead_letters }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
