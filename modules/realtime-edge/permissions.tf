# Without these API Gateway answers 500. The ARN of a WebSocket route is <api>/<stage>/<route key>
# (AWS docs: Control access to WebSocket APIs with IAM authorization), that of an authorizer <api>/authorizers/<id>.

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "${var.name}-connect-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer.function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.connect.id}"
}

resource "aws_lambda_permission" "route" {
  for_each = var.routes

  # $connect and a route named connect may call the same function.
  statement_id  = startswith(each.key, "$") ? "${var.name}-own-route-${trimprefix(each.key, "$")}" : "${var.name}-route-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = each.value.function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/live/${each.key}"
}
