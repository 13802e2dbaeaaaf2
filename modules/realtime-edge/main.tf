# What a deployment freezes. Comments aside, a change of this file redeploys the stage.

resource "aws_apigatewayv2_api" "this" {
  name                       = "${var.name}-realtime"
  description                = "Chat and voice of ${var.name}"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
  tags                       = var.tags
}

# A ticket in a query string would stand in every log on its way. The sub-protocol is the one header that a browser lets
# a page set on a WebSocket. Without it API Gateway answers 401 and asks nobody.
resource "aws_apigatewayv2_authorizer" "connect" {
  api_id           = aws_apigatewayv2_api.this.id
  name             = "${var.name}-connect"
  authorizer_type  = "REQUEST"
  authorizer_uri   = var.authorizer.invoke_arn
  identity_sources = ["route.request.header.Sec-WebSocket-Protocol"]
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = var.routes

  api_id             = aws_apigatewayv2_api.this.id
  description        = "Route ${each.key}"
  integration_type   = "AWS_PROXY"
  integration_method = "POST"
  integration_uri    = each.value.invoke_arn
  # The longest that there is (AWS docs: API Gateway WebSocket quotas, integration timeout); the function's own timeout ends it sooner.
  timeout_milliseconds = 29000
}

# WebSocket APIs take an authorizer on $connect only (AWS docs: Lambda REQUEST authorizers for WebSocket APIs). What it
# finds out about the user stays with the connection.
resource "aws_apigatewayv2_route" "connect" {
  api_id             = aws_apigatewayv2_api.this.id
  route_key          = "$connect"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.connect.id
  target             = "integrations/${aws_apigatewayv2_integration.this["$connect"].id}"
}

resource "aws_apigatewayv2_route" "connected" {
  for_each = { for key, route in var.routes : key => route if key != "$connect" }

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  authorization_type = "NONE"
  target             = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
}
