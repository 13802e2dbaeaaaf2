locals {
  # Inputs and literals, not resources: a provider upgrade that adds an attribute is no reason to redeploy.
  frozen_literals = replace(replace(file("${path.module}/main.tf"), "/(?m)^\\s*#.*$/", ""), "/\\s+/", " ")
  definition = sha256(jsonencode([
    local.frozen_literals,
    var.authorizer.invoke_arn,
    { for key, route in var.routes : key => route.invoke_arn },
  ]))

  throttles       = { for key, route in var.routes : key => route.throttle == null ? var.throttle : route.throttle }
  route_throttles = { for key, route in var.routes : key => route.throttle if route.throttle != null }
}

resource "aws_apigatewayv2_deployment" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  description = "Routes of ${var.name}"
  triggers    = { definition = local.definition }

  # API Gateway deletes no deployment that a stage still serves.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_apigatewayv2_route.connect, aws_apigatewayv2_route.connected]
}

resource "aws_apigatewayv2_stage" "live" {
  api_id        = aws_apigatewayv2_api.this.id
  name          = "live"
  description   = "What clients of ${var.name} connect to"
  auto_deploy   = false
  deployment_id = aws_apigatewayv2_deployment.this.id
  tags          = var.tags

  # Who, what and from where stay out: no message, header, query string, user id, address or text of a function's error.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId          = "$context.requestId"
      requestTime        = "$context.requestTime"
      connectionId       = "$context.connectionId"
      eventType          = "$context.eventType"
      routeKey           = "$context.routeKey"
      status             = "$context.status"
      errorType          = "$context.error.responseType"
      authorizerStatus   = "$context.authorizer.status"
      authorizerLatency  = "$context.authorizer.latency"
      integrationStatus  = "$context.integration.status"
      integrationLatency = "$context.integrationLatency"
    })
  }

  # A throttle that is left out counts as 0 at AWS, and every message is answered with 429.
  default_route_settings {
    data_trace_enabled       = false
    detailed_metrics_enabled = true
    logging_level            = "ERROR"
    throttling_rate_limit    = var.throttle.rate_per_second
    throttling_burst_limit   = var.throttle.burst
  }

  # These replace all of the default for a route, so they repeat it.
  dynamic "route_settings" {
    for_each = local.route_throttles
    content {
      route_key                = route_settings.key
      data_trace_enabled       = false
      detailed_metrics_enabled = true
      logging_level            = "ERROR"
      throttling_rate_limit    = route_settings.value.rate_per_second
      throttling_burst_limit   = route_settings.value.burst
    }
  }

  # The first client must find every permission, and the log group that API Gateway would else make without key or end.
  depends_on = [
    aws_cloudwatch_log_group.execution,
    aws_lambda_permission.authorizer,
    aws_lambda_permission.route,
  ]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}-realtime"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# API Gateway gives this group its name (seen in public deployments of WebSocket APIs; AWS documents only that of REST APIs).
resource "aws_cloudwatch_log_group" "execution" {
  name              = "/aws/apigateway/${aws_apigatewayv2_api.this.id}/live"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
