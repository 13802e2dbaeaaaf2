locals {
  package = "${path.module}/handlers.zip"
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name                  = local.function_names[each.key]
  description                    = each.value.description
  role                           = aws_iam_role.this[each.key].arn
  filename                       = local.package
  source_code_hash               = filebase64sha256(local.package)
  handler                        = "companion.${each.key}.handler"
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  memory_size                    = each.value.memory_mb
  timeout                        = each.value.timeout_seconds
  reserved_concurrent_executions = each.key == "worker" ? var.worker.reserved_concurrency : -1
  kms_key_arn                    = var.kms_key_arn
  tags                           = var.tags

  environment {
    variables = each.value.environment
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = each.value.in_network ? var.network[*] : []
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    # Lambda measures the variables as one JSON text; four characters of Base64 are three bytes.
    precondition {
      condition     = length(base64encode(jsonencode(each.value.environment))) * 3 / 4 <= 4096
      error_message = "settings must fit the environment of ${each.key}, which takes 4 KB in all (AWS docs: Lambda quotas): shorten persona, or name fewer languages."
    }
  }

  # Without its group, a function would create one that keeps logs for ever, without the key; without its policy,
  # whatever calls it first would fail.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.function_names

  name              = "/aws/lambda/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
