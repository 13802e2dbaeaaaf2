locals {
  partition      = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"
  log_group_name = "/aws/bedrock/${var.name}/model-invocations"
  log_group_arn  = "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:${local.log_group_name}"
}

# Roles carry the region: the account has one set of role names, and a baseline for each of its regions.

# A role cannot be passed across accounts, and API Gateway names no source that its trust could be narrowed to
# (AWS docs: set up CloudWatch logging for REST APIs, permissions).
resource "aws_iam_role" "api_gateway_logs" {
  name        = "${var.name}-api-gateway-logs-${var.region}"
  description = "What API Gateway may do to write the logs of this account's APIs in ${var.region}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ApiGateway"
      Effect    = "Allow"
      Principal = { Service = "apigateway.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# The actions of AWS's policy AmazonAPIGatewayPushToCloudWatchLogs, which API Gateway checks when the role is set, in this
# account and region only. All log groups, since every API of the account logs by this one role.
resource "aws_iam_role_policy" "api_gateway_logs" {
  name = "write-logs"
  role = aws_iam_role.api_gateway_logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "WriteLogs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
      ]
      Resource = "arn:${local.partition}:logs:${var.region}:${var.account_id}:*"
    }]
  })
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs.arn

  # API Gateway tries the role at once.
  depends_on = [aws_iam_role_policy.api_gateway_logs]
}

resource "aws_cloudwatch_log_group" "model_invocations" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# AWS docs: monitor model invocation using CloudWatch Logs, "Set up a CloudWatch Logs destination".
resource "aws_iam_role" "model_invocation_logs" {
  name        = "${var.name}-bedrock-logs-${var.region}"
  description = "What Bedrock may do to log calls of models in ${var.region}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "BedrockOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "bedrock.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:bedrock:${var.region}:${var.account_id}:*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "model_invocation_logs" {
  name = "write-logs"
  role = aws_iam_role.model_invocation_logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteInvocations"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${local.log_group_arn}:log-stream:aws/bedrock/modelinvocations"
    }]
  })
}

# Who called which model when, with how many tokens: never what was said. Delivery of text is on unless it is switched off.
resource "aws_bedrock_model_invocation_logging_configuration" "this" {
  logging_config {
    text_data_delivery_enabled      = false
    image_data_delivery_enabled     = false
    embedding_data_delivery_enabled = false
    video_data_delivery_enabled     = false

    cloudwatch_config {
      log_group_name = aws_cloudwatch_log_group.model_invocations.name
      role_arn       = aws_iam_role.model_invocation_logs.arn
    }
  }

  # Bedrock writes a test event at once.
  depends_on = [aws_iam_role_policy.model_invocation_logs]
}
