resource "aws_cloudwatch_metric_alarm" "erasure_age" {
  alarm_name          = "${var.name}-erasures-age"
  alarm_description   = "A user's request for erasure waits in ${local.queue_names.erasures} for more than a day: see whether the eraser is mapped, throttled or failing."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = local.queue_names.erasures }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 86400
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "erasure_dead_letters" {
  alarm_name          = "${var.name}-erasures-dead-letters"
  alarm_description   = "Erasing a user failed ${local.erasure_receives} times: the request is in ${local.queue_names.erasure_dead_letters} for at most 14 days since it was made, and the user's data is still there. Mend the eraser, then redrive the queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue_names.erasure_dead_letters }
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

resource "aws_cloudwatch_metric_alarm" "vector_expiry_failures" {
  for_each = local.vector_expiry

  alarm_name          = "${var.name}-vector-expiry-failures"
  alarm_description   = "Vectors of deleted memories could not be deleted. ${local.queue_names.vector_expiry_failures} says which records of the stream; read them within the day that the stream keeps them, delete the vectors, then purge the queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue_names.vector_expiry_failures }
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

resource "aws_cloudwatch_metric_alarm" "vector_expiry_age" {
  for_each = local.vector_expiry

  alarm_name        = "${var.name}-vector-expiry-age"
  alarm_description = "Vectors outlive their memories by more than an hour: the function that deletes them fails or is throttled. The stream keeps what it has to do for one day."
  namespace         = "AWS/Lambda"
  metric_name       = "IteratorAge"
  # arn:<partition>:lambda:<region>:<account>:function:<name>
  dimensions          = { FunctionName = split(":", each.value.function_arn)[6] }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  # The metric is in milliseconds.
  threshold           = 3600 * 1000
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
