variable "guardrail_arn" {
  type = string
}

resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = var.guardrail_arn
}
