# A companion backend as introductory articles show it, written anew: its own advice is to pin the guardrail, to let memory
# expire and to bound scaling. It sets what such an article sets, and leaves open what such an article leaves open.

resource "aws_apigatewayv2_api" "socket" {
  name                       = "article-socket"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_integration" "turn" {
  api_id           = aws_apigatewayv2_api.socket.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.handler.invoke_arn
}

resource "aws_apigatewayv2_route" "turn" {
  api_id    = aws_apigatewayv2_api.socket.id
  route_key = "turn"
  target    = "integrations/${aws_apigatewayv2_integration.turn.id}"
}

resource "aws_dynamodb_table" "recollections" {
  name         = "article_recollections"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "user_id"
  range_key    = "said_at"

  attribute {
    name = "user_id"
    type = "S"
  }

  attribute {
    name = "said_at"
    type = "N"
  }

  ttl {
    enabled        = true
    attribute_name = "forget_at"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_opensearch_domain" "recollections" {
  domain_name    = "article-vectors"
  engine_version = "OpenSearch_2.15"

  cluster_config {
    instance_count         = 3
    instance_type          = "m7g.large.search"
    zone_awareness_enabled = true

    zone_awareness_config {
      availability_zone_count = 3
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = 100
  }

  domain_endpoint_options {
    tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
    enforce_https       = true
  }

  encrypt_at_rest {
    enabled = true
  }

  node_to_node_encryption {
    enabled = true
  }
}

resource "aws_bedrock_guardrail" "safety" {
  name                      = "article-safety"
  blocked_input_messaging   = "Let us talk about something else."
  blocked_outputs_messaging = "Let us talk about something else."

  content_policy_config {
    dynamic "filters_config" {
      for_each = toset(["HATE", "SEXUAL", "VIOLENCE"])

      content {
        type            = filters_config.value
        input_strength  = "HIGH"
        output_strength = "HIGH"
      }
    }
  }

  sensitive_information_policy_config {
    pii_entities_config {
      type   = "EMAIL"
      action = "ANONYMIZE"
    }
  }
}

resource "aws_appautoscaling_target" "model" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.model.name}/variant/AllTraffic"
  max_capacity       = 50
  min_capacity       = 2
}

resource "aws_appautoscaling_policy" "model" {
  name               = "article-invocations"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.model.resource_id
  scalable_dimension = aws_appautoscaling_target.model.scalable_dimension
  service_namespace  = aws_appautoscaling_target.model.service_namespace

  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}
