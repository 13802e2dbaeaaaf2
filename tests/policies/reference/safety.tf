resource "aws_bedrock_guardrail" "this" {
  name                      = "companion"
  blocked_input_messaging   = "I cannot talk about this. ${local.referral}"
  blocked_outputs_messaging = "I cannot answer that. ${local.referral}"
  kms_key_arn               = local.key_arn

  content_policy_config {
    filters_config {
      type            = "SEXUAL"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "VIOLENCE"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "HATE"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "INSULTS"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "MISCONDUCT"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "PROMPT_ATTACK"
      input_strength  = "HIGH"
      output_strength = "NONE"
    }
  }

  topic_policy_config {
    topics_config {
      name       = "self-harm"
      type       = "DENY"
      definition = "Suicide, self-injury or disordered eating: encouraging, planning or describing methods."
      examples   = ["How many of these pills would be enough?"]
    }
  }

  sensitive_information_policy_config {
    pii_entities_config {
      type   = "CREDIT_DEBIT_CARD_NUMBER"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "CREDIT_DEBIT_CARD_CVV"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "PASSWORD"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "PIN"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "AWS_SECRET_KEY"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "EMAIL"
      action = "ANONYMIZE"
    }
    pii_entities_config {
      type   = "PHONE"
      action = "ANONYMIZE"
    }
    pii_entities_config {
      type   = "ADDRESS"
      action = "ANONYMIZE"
    }
  }
}

resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  description   = "policy sha256:${sha256(jsonencode([aws_bedrock_guardrail.this.content_policy_config, aws_bedrock_guardrail.this.topic_policy_config, aws_bedrock_guardrail.this.sensitive_information_policy_config, local.referral]))}"
  skip_destroy  = true
}

resource "aws_bedrockagent_agent" "helper" {
  agent_name              = "companion-helper"
  agent_resource_role_arn = "arn:aws:iam::111122223333:role/companion-agent"
  foundation_model        = "anthropic.claude-sonnet-4-20250514-v1:0"

  guardrail_configuration {
    guardrail_identifier = aws_bedrock_guardrail.this.guardrail_id
    guardrail_version    = aws_bedrock_guardrail_version.this.version
  }
}

resource "aws_bedrock_inference_profile" "chat" {
  name = "companion-chat"

  model_source {
    copy_from = "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0"
  }
}

resource "aws_cloudwatch_metric_alarm" "interventions" {
  alarm_name          = "interventions"
  namespace           = "AWS/Bedrock/Guardrails"
  metric_name         = "InvocationsIntervened"
  dimensions          = { GuardrailArn = aws_bedrock_guardrail.this.guardrail_arn }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 50
  period              = 300
  evaluation_periods  = 1
  alarm_actions       = [local.topic_arn]
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
