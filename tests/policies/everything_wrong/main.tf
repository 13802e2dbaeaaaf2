# One root that trips every policy. Terraform plans it without a word.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

locals {
  tags      = { data = "personal" }
  key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  topic_arn = "arn:aws:sns:eu-central-1:111122223333:companion-alarms"
  referral  = "If you are thinking of harming yourself, call 112 or text a crisis line."
  subnets   = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "personal" {
  description             = "Memories"
  enable_key_rotation     = false
  deletion_window_in_days = 30

  policy = jsonencode({ "Statement" = [{ "Action" = "kms:*", "Effect" = "Allow", "Principal" = { "AWS" = "*" }, "Resource" = "*", "Sid" = "Account" }], "Version" = "2012-10-17" })
}

resource "aws_bedrock_guardrail" "this" {
  name                      = "companion"
  blocked_input_messaging   = "Sorry, I cannot answer that."
  blocked_outputs_messaging = "I cannot answer that. ${local.referral}"



}

resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = "arn:aws:bedrock:eu-central-1:111122223333:guardrail/another12345"
  description   = "policy sha256:${sha256(jsonencode([aws_bedrock_guardrail.this.content_policy_config, aws_bedrock_guardrail.this.topic_policy_config, aws_bedrock_guardrail.this.sensitive_information_policy_config, local.referral]))}"
}

resource "aws_bedrockagent_agent" "helper" {
  agent_name              = "companion-helper"
  agent_resource_role_arn = "arn:aws:iam::111122223333:role/companion-agent"
  foundation_model        = "anthropic.claude-sonnet-4-20250514-v1:0"

}

resource "aws_bedrock_inference_profile" "chat" {
  name = "companion-chat"

  model_source {
    copy_from = "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-20250514-v1:0"
  }
}


resource "aws_bedrock_model_invocation_logging_configuration" "this" {
  logging_config {
    text_data_delivery_enabled      = false
    image_data_delivery_enabled     = false
    embedding_data_delivery_enabled = false
    video_data_delivery_enabled     = false

    cloudwatch_config {
      log_group_name = aws_cloudwatch_log_group.access.name
      role_arn       = "arn:aws:iam::111122223333:role/companion-model-logs"
    }
  }
}

resource "aws_dynamodb_table" "memory" {
  name                        = "companion-memory"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "memory_id"
  range_key                   = "user_id"
  deletion_protection_enabled = false
  tags                        = { data = "whatever" }

  attribute {
    name = "user_id"
    type = "S"
  }
  attribute {
    name = "memory_id"
    type = "S"
  }

  ttl {
    attribute_name = "user_id"
    enabled        = false
  }

  point_in_time_recovery {
    enabled                 = false
    recovery_period_in_days = 14
  }

}

resource "aws_s3_bucket" "voices" {
  bucket = "companion-voices-111122223333"
  tags   = local.tags
}


resource "aws_opensearch_domain" "vectors" {
  domain_name    = "companion"
  engine_version = "OpenSearch_1.3"
  tags           = local.tags

  cluster_config {
    instance_count         = 1
    instance_type          = "r7g.large.search"
    zone_awareness_enabled = true
    zone_awareness_config {
      availability_zone_count = 3
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_size = 50
  }


  domain_endpoint_options {
    enforce_https       = false
    tls_security_policy = "Policy-Min-TLS-1-0-2019-07"
  }

  encrypt_at_rest {
    enabled    = false
    kms_key_id = local.key_arn
  }

  node_to_node_encryption {
    enabled = false
  }

  advanced_security_options {
    enabled                = false
    anonymous_auth_enabled = false
    master_user_options {
      master_user_arn = "arn:aws:iam::111122223333:role/companion-admin"
    }
  }

}

resource "aws_opensearch_domain_policy" "vectors" {
  domain_name = aws_opensearch_domain.vectors.domain_name

  access_policies = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Sid" = "Worker", "Effect" = "Allow", "Principal" = { "AWS" = "*" }, "Action" = ["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpDelete"], "Resource" = "${aws_opensearch_domain.vectors.arn}/*" }] })
}

resource "aws_opensearchserverless_security_policy" "encryption" {
  name = "companion"
  type = "encryption"

  policy = jsonencode({
    Rules       = [{ ResourceType = "collection", Resource = ["collection/companion"] }]
    AWSOwnedKey = false
    KmsARN      = local.key_arn
  })
}

resource "aws_opensearchserverless_security_policy" "network" {
  name = "companion"
  type = "network"

  policy = jsonencode([{
    Rules           = [{ ResourceType = "collection", Resource = ["collection/companion"] }]
    AllowFromPublic = false
    SourceVPCEs     = ["vpce-0123456789abcdef0"]
  }])
}

resource "aws_opensearchserverless_access_policy" "data" {
  name = "companion"
  type = "data"

  policy = jsonencode([{
    Rules     = [{ ResourceType = "index", Resource = ["index/companion/memories"], Permission = ["aoss:ReadDocument", "aoss:WriteDocument"] }]
    Principal = [aws_iam_role.worker.arn]
  }])
}

resource "aws_opensearchserverless_collection" "vectors" {
  name       = "companion"
  type       = "VECTORSEARCH"
  tags       = local.tags
  depends_on = [aws_opensearchserverless_security_policy.encryption]
}

resource "aws_dynamodb_table" "facts" {
  name                        = "companion-facts"
  billing_mode                = "PROVISIONED"
  read_capacity               = 5
  write_capacity              = 5
  hash_key                    = "user_id"
  deletion_protection_enabled = true
  tags                        = local.tags

  attribute {
    name = "user_id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key_arn
  }
}

resource "aws_appautoscaling_target" "facts" {
  service_namespace  = "dynamodb"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  resource_id        = "table/another"
  min_capacity       = 0
  max_capacity       = 500
}


resource "aws_apigatewayv2_api" "socket" {
  name                       = "companion"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_authorizer" "connect" {
  api_id          = aws_apigatewayv2_api.socket.id
  name            = "connect"
  authorizer_type = "REQUEST"
  authorizer_uri  = aws_lambda_function.ingest.invoke_arn
}

resource "aws_apigatewayv2_integration" "ingest" {
  api_id               = aws_apigatewayv2_api.socket.id
  integration_type     = "AWS_PROXY"
  integration_uri      = aws_lambda_function.ingest.invoke_arn
  timeout_milliseconds = 50
}

resource "aws_apigatewayv2_route" "connect" {
  api_id             = aws_apigatewayv2_api.socket.id
  route_key          = "$connect"
  authorization_type = "NONE"
  authorizer_id      = aws_apigatewayv2_authorizer.connect.id
  target             = "integrations/${aws_apigatewayv2_integration.ingest.id}"
}

resource "aws_apigatewayv2_route" "send" {
  api_id    = aws_apigatewayv2_api.socket.id
  route_key = "send"
  target    = "integrations/${aws_apigatewayv2_integration.ingest.id}"
}

resource "aws_apigatewayv2_stage" "live" {
  api_id      = aws_apigatewayv2_api.socket.id
  name        = "live"
  auto_deploy = true



  route_settings {
    route_key              = "send"
    data_trace_enabled     = true
    throttling_rate_limit  = 50
    throttling_burst_limit = 100
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name = "companion-access"
}

resource "aws_apigatewayv2_api" "rest" {
  name                         = "companion-account"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = false

  cors_configuration {
    allow_origins = ["*"]
  }
}

resource "aws_apigatewayv2_domain_name" "account" {
  domain_name = "account.example.com"

  domain_name_configuration {
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "account" {
  api_id      = aws_apigatewayv2_api.rest.id
  domain_name = aws_apigatewayv2_domain_name.account.domain_name
  stage       = "live"
}

resource "aws_lambda_permission" "ingest" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.ingest.function_name
  principal     = "apigateway.amazonaws.com"
}

resource "aws_lambda_function_url" "ingest" {
  function_name      = aws_lambda_function.ingest.function_name
  authorization_type = "NONE"

  cors {
    allow_origins = ["https://app.example.com"]
  }
}

resource "aws_cloudfront_distribution" "this" {
  enabled = true

  origin {
    origin_id   = "api"
    domain_name = "api.example.com"

    custom_origin_config {
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      http_port              = 80
      https_port             = 443
    }
  }

  default_cache_behavior {
    target_origin_id       = "api"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

resource "aws_wafv2_web_acl" "edge" {
  name  = "companion"
  scope = "CLOUDFRONT"

  default_action {
    allow {}
  }


  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "edge"
    sampled_requests_enabled   = false
  }
}

resource "aws_sqs_queue" "turns" {
  name                       = "companion-turns"
  visibility_timeout_seconds = 1
  message_retention_seconds  = 1209600
  tags                       = { data = "personal" }

}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "companion-turns-dead-letters"
  kms_master_key_id         = local.key_arn
  message_retention_seconds = 345600
  tags                      = local.tags
}

resource "aws_sqs_queue_policy" "turns" {
  queue_url = aws_sqs_queue.turns.id

  policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Principal" = "*", "Action" = "sqs:*", "Resource" = aws_sqs_queue.turns.arn }] })
}



resource "aws_lambda_event_source_mapping" "batched" {
  event_source_arn = aws_sqs_queue.turns.arn
  function_name    = aws_lambda_function.worker.arn
  batch_size       = 10

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
      GUARDRAIL_ID           = aws_bedrock_guardrail.this.guardrail_id
      GUARDRAIL_VERSION      = "DRAFT"
      RETENTION_DAYS         = "3650"
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

  policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Sid" = "Queue", "Effect" = "Allow", "Action" = ["sqs:SendMessage"], "Resource" = aws_sqs_queue.turns.arn }, { "Effect" = "Allow", "Action" = ["bedrock:InvokeModel"], "Resource" = "*" }] })
}

resource "aws_iam_role" "worker" {
  name               = "companion-worker"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy" "worker" {
  name   = "answer"
  role   = aws_iam_role.worker.name
  policy = jsonencode({ "Version" = "2012-10-17", "Statement" = [{ "Effect" = "Allow", "Sid" = "Model", "Action" = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"], "Resource" = "*" }, { "Effect" = "Allow", "Sid" = "Own", "Action" = ["sagemaker:InvokeEndpoint"], "Resource" = [aws_sagemaker_endpoint.this.arn] }, { "Effect" = "Allow", "Sid" = "Remember", "Action" = ["dynamodb:Query", "dynamodb:Scan"], "Resource" = [aws_dynamodb_table.memory.arn] }, { "Effect" = "Allow", "Sid" = "Speak", "Action" = "polly:*", "Resource" = ["*"] }, { "Effect" = "Allow", "Sid" = "Hear", "Action" = ["transcribe:StartStreamTranscriptionWebSocket"], "Resource" = ["*"] }, { "Effect" = "Allow", "Sid" = "Voices", "Action" = ["s3:PutObject", "s3:DeleteObject"], "Resource" = ["${aws_s3_bucket.voices.arn}/*"] }] })
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


resource "aws_sagemaker_model" "this" {
  name                     = "companion"
  execution_role_arn       = "arn:aws:iam::111122223333:role/companion-endpoint"
  enable_network_isolation = false

  primary_container {
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion:latest"
  }
}

resource "aws_sagemaker_endpoint_configuration" "plain" {
  name = "companion"

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.m5.xlarge"
    initial_instance_count = 1
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = "companion"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.plain.name

}

resource "aws_appautoscaling_target" "endpoint" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/AllTraffic"
  min_capacity       = 2
  max_capacity       = 8
}


resource "aws_cloudwatch_metric_alarm" "model" {
  alarm_name          = "companion-model-errors"
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  dimensions          = { EndpointName = "companion", VariantName = "AllTraffic" }
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.01
  period              = 60
  evaluation_periods  = 3
  alarm_actions       = [local.topic_arn]
}

resource "aws_bedrock_guardrail" "masking" {
  name                      = "masking"
  blocked_input_messaging   = "No."
  blocked_outputs_messaging = "No."

  sensitive_information_policy_config {
    pii_entities_config {
      type   = "EMAIL"
      action = "ANONYMIZE"
    }
  }
}

resource "aws_bedrock_guardrail_version" "masking" {
  guardrail_arn = aws_bedrock_guardrail.masking.guardrail_arn
  description   = "version one"
}

resource "aws_lambda_function" "capped" {
  function_name                  = "companion-capped"
  role                           = aws_iam_role.capped.arn
  handler                        = "worker.handler"
  runtime                        = "python3.13"
  filename                       = "${path.module}/code.zip"
  reserved_concurrent_executions = 1

  environment {
    variables = {
      STREAM_PROCESSING_MODE = "async"
    }
  }
}

resource "aws_lambda_event_source_mapping" "capped" {
  event_source_arn = aws_sqs_queue.turns.arn
  function_name    = aws_lambda_function.capped.arn

  scaling_config {
    maximum_concurrency = 50
  }
}

resource "aws_iam_role" "capped" {
  name               = "companion-capped"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy" "capped" {
  name = "write"
  role = aws_iam_role.capped.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "dynamodb:PutItem"
      Resource = aws_dynamodb_table.diary.arn
    }]
  })
}

resource "aws_dynamodb_table" "diary" {
  name         = "companion-diary"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "page"

  ttl {
    attribute_name = "page"
    enabled        = true
  }

  attribute {
    name = "page"
    type = "S"
  }
}

resource "aws_sqs_queue" "late_dead_letters" {
  name                      = "companion-late-dead-letters"
  message_retention_seconds = 60
}

resource "aws_sqs_queue" "late" {
  name = "companion-late"

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.late_dead_letters.arn
    maxReceiveCount     = 3
  })
}

resource "aws_appautoscaling_policy" "flapping" {
  name               = "flapping"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/another/variant/AllTraffic"

  target_tracking_scaling_policy_configuration {
    target_value       = 5
    scale_out_cooldown = 900
    scale_in_cooldown  = 0
    disable_scale_in   = true

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantCPUUtilization"
    }
  }
}
