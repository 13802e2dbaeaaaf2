locals {
  # The presets of guardrail.tf, for validation: what is always blocked, and what is masked at the least.
  pii_always_blocked = toset([
    "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "CREDIT_DEBIT_CARD_CVV", "CREDIT_DEBIT_CARD_EXPIRY", "CREDIT_DEBIT_CARD_NUMBER",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "PASSWORD", "PIN", "US_BANK_ACCOUNT_NUMBER", "US_SOCIAL_SECURITY_NUMBER",
  ])
  pii_masked_at_least = toset(["ADDRESS", "EMAIL", "IP_ADDRESS", "PHONE"])
  further_pii         = { for type, action in var.pii_entities : type => action if !contains(local.pii_masked_at_least, type) }

  # Comments and spacing of guardrail.tf are no policy, and a version too many counts against the quota of versions.
  policy_literals = replace(replace(file("${path.module}/guardrail.tf"), "/(?m)^\\s*#.*$/", ""), "/\\s+/", " ")
  fingerprint = sha256(jsonencode([
    local.policy_literals,
    var.blocked_input_message,
    var.blocked_output_message,
    var.crisis_referral,
    var.denied_topics,
    var.blocked_words,
    var.contextual_grounding,
    var.pii_entities,
    var.regexes,
  ]))
}

# A version is a snapshot. Its description must move with the policy, or callers silently keep the old one.
resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  description   = "policy sha256:${local.fingerprint}"
  # During a roll-out some callers still name the version before.
  skip_destroy = true

  lifecycle {
    create_before_destroy = true
  }
}
