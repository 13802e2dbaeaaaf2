locals {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  # What the condition key bedrock:GuardrailIdentifier holds in a call that names a numbered version.
  versioned_arn  = "${local.guardrail_arn}:${aws_bedrock_guardrail_version.this.version}"
  invoke_actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
}

output "guardrail" {
  description = "The guardrail and its pinned version. Pass id and version to the application; answers must be streamed with stream_mode, because masking works only there."
  value = {
    id            = aws_bedrock_guardrail.this.guardrail_id
    arn           = local.guardrail_arn
    name          = aws_bedrock_guardrail.this.name
    version       = aws_bedrock_guardrail_version.this.version
    versioned_arn = local.versioned_arn
    fingerprint   = local.fingerprint
    stream_mode   = "sync"
  }
}

output "grants" {
  description = "IAM statements by purpose: apply (check a text), enforced_invoke (call a model only with the pinned version), comprehend (second line of moderation)."
  value = {
    apply = [
      {
        sid        = "ApplyGuardrail"
        effect     = "Allow"
        actions    = ["bedrock:ApplyGuardrail"]
        resources  = [local.guardrail_arn]
        conditions = {}
      },
      {
        sid        = "DecryptGuardrail"
        effect     = "Allow"
        actions    = ["kms:Decrypt"]
        resources  = [var.kms_key_arn]
        conditions = {}
      },
    ]
    enforced_invoke = concat(
      [
        for arns in [sort(var.model_arns)] : {
          sid        = "InvokeWithGuardrail"
          effect     = "Allow"
          actions    = local.invoke_actions
          resources  = arns
          conditions = { StringEquals = { "bedrock:GuardrailIdentifier" = [local.versioned_arn] } }
        } if length(arns) > 0
      ],
      [
        {
          sid        = "DenyInvokeWithoutGuardrail"
          effect     = "Deny"
          actions    = local.invoke_actions
          resources  = ["*"]
          conditions = { StringNotEquals = { "bedrock:GuardrailIdentifier" = [local.versioned_arn] } }
        },
      ],
    )
    # Comprehend's detection takes no resource (AWS docs: Service Authorization Reference, Amazon Comprehend).
    comprehend = [
      {
        sid        = "DetectInText"
        effect     = "Allow"
        actions    = ["comprehend:ContainsPiiEntities", "comprehend:DetectPiiEntities", "comprehend:DetectToxicContent"]
        resources  = ["*"]
        conditions = {}
      },
    ]
  }
}

output "alarms" {
  description = "Names of this module's alarms: none."
  value       = []
}

output "capacity_contract" {
  description = "What the policy holds, known at plan time."
  value = {
    fingerprint     = local.fingerprint
    content_filters = 6
    denied_topics   = 1 + length(var.denied_topics)
    blocked_words   = length(var.blocked_words)
    pii_entities    = length(local.pii_always_blocked) + length(local.pii_masked_at_least) + length(local.further_pii)
    regexes         = length(var.regexes)
  }
}
