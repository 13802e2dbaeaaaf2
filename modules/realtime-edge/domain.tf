# Depends on nothing that depends on the functions, so that the output api can show it to them.
resource "aws_apigatewayv2_domain_name" "this" {
  for_each = { for domain in var.domain[*] : "domain" => domain }

  domain_name = each.value.name
  tags        = var.tags

  domain_name_configuration {
    certificate_arn = each.value.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  for_each = aws_apigatewayv2_domain_name.this

  api_id      = aws_apigatewayv2_api.this.id
  domain_name = each.value.domain_name
  stage       = aws_apigatewayv2_stage.live.name
}
