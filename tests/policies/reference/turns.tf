resource "aws_sqs_queue" "turns" {
  name                       = "companion-turns"
  kms_master_key_id          = local.key_arn
  visibility_timeout_seconds = 210
  message_retention_seconds  = 600
  tags                       = { data = "personal" }

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "companion-turns-dead-letters"
  kms_master_key_id         = local.key_arn
  message_retention_seconds = 345600
  tags                      = local.tags
}

resource "aws_sqs_queue_policy" "turns" {
  queue_url = aws_sqs_queue.turns.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = aws_sqs_queue.turns.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "companion-age"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.turns.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [local.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "companion-dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [local.topic_arn]
}

resource "aws_lambda_event_source_mapping" "batched" {
  event_source_arn        = aws_sqs_queue.turns.arn
  function_name           = aws_lambda_function.worker.arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 20
  }
}

resource "aws_lambda_function" "ingest" {
  function_name = "companion-ingest"
  role          = aws_iam_role.ingest.arn
  handler       = "ingest.handler"
  runtime       = "python3.13"
  filename      = "${path.module}/code.zip"
  timeout       = 10
}

resource "aws_lambda_function" "worker" {
  function_name                  = "companion-worker"
  role                           = aws_iam_role.worker.arn
  handler                        = "worker.handler"
  runtime                        = "python3.13"
  filename                       = "${path.module}/code.zip"
  timeout                        = 30
  reserved_concurrent_executions = 20

  environment {
    variables = {
      DISCLOSURE             = "I am an AI, not a person."
      GUARDRAIL_ID           = aws_bedrock_guardrail.this.guardrail_id
      GUARDRAIL_VERSION      = aws_bedrock_guardrail_version.this.version
      RETENTION_DAYS         = "180"
      STREAM_PROCESSING_MODE = "sync"
      TTL_ATTRIBUTE          = "expires_at"
    }
  }
}

resource "aws_iam_role" "ingest" {
  name               = "companion-ingest"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy" "ingest" {
  name = "queue"
  role = aws_iam_role.ingest.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Queue"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = aws_sqs_queue.turns.arn
    }]
  })
}

resource "aws_iam_role" "worker" {
  name               = "companion-worker"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy" "worker" {
  name   = "answer"
  role   = aws_iam_role.worker.name
  policy = data.aws_iam_policy_document.worker.json
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "Model"
    actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = [aws_bedrock_inference_profile.chat.arn]

    condition {
      test     = "StringEquals"
      variable = "bedrock:GuardrailIdentifier"
      values   = ["${aws_bedrock_guardrail.this.guardrail_arn}:${aws_bedrock_guardrail_version.this.version}"]
    }
  }

  statement {
    sid       = "Own"
    actions   = ["sagemaker:InvokeEndpoint"]
    resources = [aws_sagemaker_endpoint.this.arn]
  }

  statement {
    sid       = "Moderate"
    actions   = ["bedrock:ApplyGuardrail"]
    resources = [aws_bedrock_guardrail.this.guardrail_arn]
  }

  statement {
    sid       = "Remember"
    actions   = ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [aws_dynamodb_table.memory.arn]
  }

  statement {
    sid       = "Speak"
    actions   = ["polly:SynthesizeSpeech"]
    resources = ["*"]
  }

  statement {
    sid       = "Hear"
    actions   = ["transcribe:StartStreamTranscriptionWebSocket"]
    resources = ["*"]
  }

  statement {
    sid       = "Voices"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.voices.arn}/*"]
  }
}

resource "aws_transcribe_vocabulary_filter" "this" {
  vocabulary_filter_name = "companion"
  language_code          = "en-US"
  words                  = ["slut"]
}
