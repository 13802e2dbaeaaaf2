# Addresses of these tables never change: a table that moves is a table that is replaced, with every memory in it.

resource "aws_dynamodb_table" "memory" {
  name                        = "${var.name}-memory"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user_id"
  range_key                   = "memory_id"
  deletion_protection_enabled = local.deletion_protection
  stream_enabled              = true
  # Old images carry the ids of what expired or was erased, which the vector store must forget too.
  stream_view_type = "NEW_AND_OLD_IMAGES"
  tags             = local.tags

  attribute {
    name = "user_id"
    type = "S"
  }

  # Unique by construction (a ULID): two memories of one millisecond would overwrite each other under a timestamp.
  attribute {
    name = "memory_id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.pitr_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  dynamic "on_demand_throughput" {
    for_each = local.throughput_caps
    content {
      max_read_request_units  = on_demand_throughput.value.read
      max_write_request_units = on_demand_throughput.value.write
    }
  }
}

resource "aws_dynamodb_table" "connections" {
  name                        = "${var.name}-connections"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "connection_id"
  deletion_protection_enabled = local.deletion_protection
  tags                        = local.tags

  attribute {
    name = "connection_id"
    type = "S"
  }

  attribute {
    name = "user_id"
    type = "S"
  }

  # Erasing a user must find their connections without a scan.
  global_secondary_index {
    name            = "by_user"
    hash_key        = "user_id"
    projection_type = "KEYS_ONLY"

    dynamic "on_demand_throughput" {
      for_each = local.throughput_caps
      content {
        max_read_request_units  = on_demand_throughput.value.read
        max_write_request_units = on_demand_throughput.value.write
      }
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.pitr_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  dynamic "on_demand_throughput" {
    for_each = local.throughput_caps
    content {
      max_read_request_units  = on_demand_throughput.value.read
      max_write_request_units = on_demand_throughput.value.write
    }
  }
}

resource "aws_dynamodb_table" "state" {
  name                        = "${var.name}-state"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user_id"
  range_key                   = "state_key"
  deletion_protection_enabled = local.deletion_protection
  tags                        = local.tags

  attribute {
    name = "user_id"
    type = "S"
  }

  attribute {
    name = "state_key"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.pitr_days
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  dynamic "on_demand_throughput" {
    for_each = local.throughput_caps
    content {
      max_read_request_units  = on_demand_throughput.value.read
      max_write_request_units = on_demand_throughput.value.write
    }
  }
}

locals {
  deletion_protection = var.break_glass_reason == ""
  tags                = merge(var.tags, { data = "personal" })
  throughput_caps     = var.max_request_units[*]
}
