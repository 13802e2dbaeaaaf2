# plan.json beside this file: terraform plan -out p && terraform show -json p | python -m json.tool --indent 1, provider 5.100.
provider "aws" {
  region = "eu-central-1"
}

resource "aws_bedrock_guardrail" "pinned" {
  name                      = "pinned"
  blocked_input_messaging   = "no"
  blocked_outputs_messaging = "no"
}

resource "aws_bedrock_guardrail" "draft" {
  name                      = "draft"
  blocked_input_messaging   = "no"
  blocked_outputs_messaging = "no"
}

module "pin" {
  source   = "./pin"
  for_each = toset(["eu"])

  guardrail_arn = aws_bedrock_guardrail.pinned.guardrail_arn
}

resource "aws_dynamodb_table" "memory" {
  for_each = { kept = false, lost = true }

  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "user_id"

  attribute {
    name = "user_id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = !each.value
  }
}

resource "aws_opensearch_domain" "vectors" {
  domain_name = "vectors"

  domain_endpoint_options {
    tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
  }
}
