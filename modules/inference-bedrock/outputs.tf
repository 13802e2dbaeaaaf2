locals {
  invoke_actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
  # Embedding models take no guardrail (AWS docs: supported models for Amazon Bedrock Guardrails).
  embedding_arns = [for id in var.embedding_model_id[*] : "arn:${local.partition}:bedrock:${var.region}::foundation-model/${id}"]
  # A call of a profile is a call of all that stands behind it (AWS docs: prerequisites for inference profiles).
  model_arns = concat(
    [for key in sort(keys(var.models)) : aws_bedrock_inference_profile.this[key].arn],
    values(local.system_profiles),
    sort(distinct(flatten(values(local.foundation_models)))),
  )
}

output "inference" {
  description = "The inference profile to call for each model, by the names in models, and the embedding model's id."
  value = {
    profiles           = { for key, model in var.models : key => { arn = aws_bedrock_inference_profile.this[key].arn, model_id = model.model_id } }
    embedding_model_id = var.embedding_model_id
  }
}

output "grants" {
  description = "IAM statements by purpose: invoke (these models, with the pinned guardrail only; every other call is denied, whatever else allows it), embed (the embedding model; empty without one)."
  value = {
    # Converse and ConverseStream are authorised as these two actions (AWS API reference: ConverseStream).
    invoke = concat(
      [
        for arns in [local.model_arns] : {
          sid        = "InvokeGuardedModels"
          effect     = "Allow"
          actions    = local.invoke_actions
          resources  = arns
          conditions = { StringEquals = { "bedrock:GuardrailIdentifier" = [var.guardrail.versioned_arn] } }
        } if length(var.models) > 0
      ],
      [
        # A negated operator also matches a call without the key, one that names no guardrail.
        {
          sid           = "DenyUnguardedModels"
          effect        = "Deny"
          actions       = local.invoke_actions
          resources     = length(local.embedding_arns) == 0 ? ["*"] : []
          not_resources = local.embedding_arns
          conditions    = { StringNotEquals = { "bedrock:GuardrailIdentifier" = [var.guardrail.versioned_arn] } }
        },
      ],
    )
    embed = [
      for arn in local.embedding_arns : {
        sid        = "EmbedText"
        effect     = "Allow"
        actions    = ["bedrock:InvokeModel"]
        resources  = [arn]
        conditions = {}
      }
    ]
  }
}

output "alarms" {
  description = "Names of the alarms on throttling, server errors and latency of each model."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.latency : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.server_errors : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.throttles : alarm.alarm_name],
  ))
}

output "capacity_contract" {
  description = "Which model is called, and where a conversation is processed, known at plan time."
  value = {
    models             = { for key, model in var.models : key => { model_id = model.model_id, geography = model.geography, regions = sort(model.regions) } }
    embedding_model_id = var.embedding_model_id
    latency_alarm_ms   = var.latency_alarm_ms
  }
}
