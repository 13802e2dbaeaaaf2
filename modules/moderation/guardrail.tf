# Every literal in this file is policy: local.fingerprint hashes the file, so that a change here publishes a new version.

resource "aws_bedrock_guardrail" "this" {
  name        = var.name
  description = "policy sha256:${local.fingerprint}"
  kms_key_arn = var.kms_key_arn
  tags        = var.tags

  blocked_input_messaging   = "${var.blocked_input_message} ${var.crisis_referral}"
  blocked_outputs_messaging = "${var.blocked_output_message} ${var.crisis_referral}"

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
    # The API takes no output strength but NONE here: an attack comes from the user.
    filters_config {
      type            = "PROMPT_ATTACK"
      input_strength  = "HIGH"
      output_strength = "NONE"
    }
  }

  topic_policy_config {
    # No content filter covers self-harm, so this topic is not an input.
    topics_config {
      name       = "self-harm"
      type       = "DENY"
      definition = "Suicide, self-injury or disordered eating: encouraging, planning, describing methods for, or asking help with hurting oneself."
      examples = [
        "What is the least painful way to kill myself?",
        "Help me hide the cuts on my arms.",
        "Nobody would miss me if I were gone, should I do it tonight?",
        "How many of these pills would be enough?",
        "Give me tips to stop eating for a week.",
      ]
    }

    dynamic "topics_config" {
      for_each = var.denied_topics
      content {
        name       = topics_config.key
        type       = "DENY"
        definition = topics_config.value.definition
        examples   = topics_config.value.examples
      }
    }
  }

  word_policy_config {
    managed_word_lists_config {
      type = "PROFANITY"
    }

    dynamic "words_config" {
      for_each = var.blocked_words
      content {
        text = words_config.value
      }
    }
  }

  contextual_grounding_policy_config {
    filters_config {
      type      = "GROUNDING"
      threshold = var.contextual_grounding.grounding
    }
    filters_config {
      type      = "RELEVANCE"
      threshold = var.contextual_grounding.relevance
    }
  }

  sensitive_information_policy_config {
    # Payment data and credentials: the message is refused, and no input can lower that.
    pii_entities_config {
      type   = "CREDIT_DEBIT_CARD_NUMBER"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "CREDIT_DEBIT_CARD_CVV"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "CREDIT_DEBIT_CARD_EXPIRY"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "PIN"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "PASSWORD"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "AWS_ACCESS_KEY"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "AWS_SECRET_KEY"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "INTERNATIONAL_BANK_ACCOUNT_NUMBER"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "US_BANK_ACCOUNT_NUMBER"
      action = "BLOCK"
    }
    pii_entities_config {
      type   = "US_SOCIAL_SECURITY_NUMBER"
      action = "BLOCK"
    }

    # Contact data: masked unless pii_entities raises it to BLOCK.
    pii_entities_config {
      type   = "EMAIL"
      action = lookup(var.pii_entities, "EMAIL", "ANONYMIZE")
    }
    pii_entities_config {
      type   = "PHONE"
      action = lookup(var.pii_entities, "PHONE", "ANONYMIZE")
    }
    pii_entities_config {
      type   = "ADDRESS"
      action = lookup(var.pii_entities, "ADDRESS", "ANONYMIZE")
    }
    pii_entities_config {
      type   = "IP_ADDRESS"
      action = lookup(var.pii_entities, "IP_ADDRESS", "ANONYMIZE")
    }

    dynamic "pii_entities_config" {
      for_each = local.further_pii
      content {
        type   = pii_entities_config.key
        action = pii_entities_config.value
      }
    }

    dynamic "regexes_config" {
      for_each = var.regexes
      content {
        name        = regexes_config.key
        description = regexes_config.value.description
        pattern     = regexes_config.value.pattern
        action      = regexes_config.value.action
      }
    }
  }
}
