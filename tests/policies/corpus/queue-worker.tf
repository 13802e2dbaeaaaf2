# Thumbnails: S3 events through SNS and SQS to a worker, with a dead-letter queue and an alarm.

resource "aws_s3_bucket" "uploads" {
  bucket = "acme-uploads"
}

resource "aws_sns_topic" "uploads" {
  name = "uploads"
}

resource "aws_sqs_queue" "thumbnails" {
  name                       = "thumbnails"
  visibility_timeout_seconds = 360

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.thumbnails_dlq.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "thumbnails_dlq" {
  name                      = "thumbnails-dlq"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue_policy" "thumbnails" {
  queue_url = aws_sqs_queue.thumbnails.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.thumbnails.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.uploads.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "thumbnails" {
  topic_arn = aws_sns_topic.uploads.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.thumbnails.arn
}

resource "aws_lambda_function" "thumbnails" {
  function_name = "thumbnails"
  role          = aws_iam_role.thumbnails.arn
  handler       = "app.handler"
  runtime       = "python3.13"
  s3_bucket     = "acme-builds"
  s3_key        = "thumbnails.zip"
  timeout       = 60
}

resource "aws_lambda_event_source_mapping" "thumbnails" {
  event_source_arn        = aws_sqs_queue.thumbnails.arn
  function_name           = aws_lambda_function.thumbnails.arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 10
  }
}

resource "aws_iam_role" "thumbnails" {
  name               = "thumbnails"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "thumbnails" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.uploads.arn}/*"]
  }
  statement {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.thumbnails.arn]
  }
}

resource "aws_iam_policy" "thumbnails" {
  name   = "thumbnails"
  policy = data.aws_iam_policy_document.thumbnails.json
}

resource "aws_iam_role_policy_attachment" "thumbnails" {
  role       = aws_iam_role.thumbnails.name
  policy_arn = aws_iam_policy.thumbnails.arn
}

resource "aws_cloudwatch_metric_alarm" "dlq" {
  alarm_name          = "thumbnails-dlq"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.thumbnails_dlq.name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = ["arn:aws:sns:eu-central-1:111122223333:oncall"]
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "thumbnails-age"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.thumbnails.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 900
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = ["arn:aws:sns:eu-central-1:111122223333:oncall"]
}
