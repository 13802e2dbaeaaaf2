# One key for each class of data, so that who may read logs may not read memories. Nothing here prevents destruction by Terraform: a key lives on
# for 30 days after its deletion is scheduled, and can be restored; nobody shortens that without changing its policy first.

resource "aws_kms_key" "personal" {
  description                        = "${var.name}: personal data (tables, vectors, queues, environment and logs of functions, guardrail)"
  key_usage                          = "ENCRYPT_DECRYPT"
  customer_master_key_spec           = "SYMMETRIC_DEFAULT"
  enable_key_rotation                = true
  multi_region                       = false
  deletion_window_in_days            = 30
  bypass_policy_lockout_safety_check = false
  policy                             = local.key_policies.personal
  tags                               = merge(var.tags, { data = "personal" })
}

resource "aws_kms_key" "operations" {
  description                        = "${var.name}: operations (logs without words of a conversation)"
  key_usage                          = "ENCRYPT_DECRYPT"
  customer_master_key_spec           = "SYMMETRIC_DEFAULT"
  enable_key_rotation                = true
  multi_region                       = false
  deletion_window_in_days            = 30
  bypass_policy_lockout_safety_check = false
  policy                             = local.key_policies.operations
  tags                               = merge(var.tags, { data = "operations" })
}

# KMS rotates no HMAC key (AWS docs: KMS, "Rotate keys manually"). A ticket lives for seconds, so a new key in its place costs a minute
# of refused tickets.
resource "aws_kms_key" "tickets" {
  description                        = "${var.name}: codes of connection tickets"
  key_usage                          = "GENERATE_VERIFY_MAC"
  customer_master_key_spec           = "HMAC_256"
  enable_key_rotation                = false
  multi_region                       = false
  deletion_window_in_days            = 30
  bypass_policy_lockout_safety_check = false
  policy                             = local.key_policies.tickets
  tags                               = merge(var.tags, { data = "tickets" })
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/${var.name}-${each.key}"
  target_key_id = each.value.key_id
}

locals {
  keys = {
    personal   = aws_kms_key.personal
    operations = aws_kms_key.operations
    tickets    = aws_kms_key.tickets
  }

  partition  = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"
  dns_suffix = local.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"

  # Log groups by class of data, as in the encryption context that CloudWatch Logs sends: those of this deployment carry its name.
  log_groups = {
    personal   = ["*${var.name}*"]
    operations = ["*"]
    tickets    = []
  }

  key_policies = {
    for class, patterns in local.log_groups : class => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [
          # DynamoDB, SQS, Lambda, Bedrock, SageMaker and OpenSearch use the key with the caller's permissions, or by a grant that the caller makes.
          {
            Sid       = "LetIamPoliciesDecide"
            Effect    = "Allow"
            Principal = { AWS = "arn:${local.partition}:iam::${var.account_id}:root" }
            Action    = "kms:*"
            Resource  = "*"
          },
          {
            Sid       = "DenyHastyDeletion"
            Effect    = "Deny"
            Principal = { AWS = "*" }
            Action    = "kms:ScheduleKeyDeletion"
            Resource  = "*"
            Condition = { NumericLessThan = { "kms:ScheduleKeyDeletionPendingWindowInDays" = "30" } }
          },
        ],
        [
          # CloudWatch Logs has no caller (AWS docs: CloudWatch Logs, "Encrypt log data using AWS KMS").
          for groups in [patterns] : {
            Sid       = "EncryptLogGroups"
            Effect    = "Allow"
            Principal = { Service = "logs.${var.region}.${local.dns_suffix}" }
            Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
            Resource  = "*"
            Condition = {
              ArnLike = {
                "kms:EncryptionContext:aws:logs:arn" = [for group in groups : "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:${group}"]
              }
            }
          } if length(groups) > 0
        ],
      )
    })
  }
}
