"""A small module in the shapes that the gate meets."""

from __future__ import annotations

from pathlib import Path

import pytest

MAIN = """\
# The memory of a companion.
resource "aws_dynamodb_table" "memory" {
  name     = "${local.prefix}-memory"
  hash_key = "user_id" # never an email

  attribute {
    name = "user_id"
    type = "S"
  }

  attribute {
    name = "sort_key"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = var.ttl_enabled
  }

  point_in_time_recovery { enabled = true }

  server_side_encryption {
    enabled = true && var.encrypted

    # The key of the data class.
    kms_key_arn = var.kms_key_arn
  }

  tags = { DataClass = "memory", Owner = "companions" }

  lifecycle {
    ignore_changes = [read_capacity, tags["Touched"]]
  }
}

resource "aws_bedrock_guardrail" "this" {
  name = "companion"

  content_policy_config {
    dynamic "filters_config" {
      for_each = var.filters
      content {
        type           = filters_config.key
        input_strength = filters_config.value
      }
    }
  }
}

data "aws_region" "here" {}

module "queue" {
  source = "../turn-queue"
  limits = {
    turns = 5
    waits = [{ seconds = 3 }, { seconds = 9 }]
  }
}

locals {
  prefix = "c-${var.stage}"
  tags   = merge(var.tags, { Table = aws_dynamodb_table.memory.arn })
}

locals {
  policy = <<-EOT
    {"Resource": "${module.queue.arn}", "Note": "$${not.this}"}
  EOT
}

provider "aws" {
  region = var.region
}

terraform {
  required_version = ">= 1.9"
}
"""

VARIABLES = """\
variable "ttl_enabled" {
  description = "Whether memories expire."
  type        = bool
  default     = true
  nullable    = false
}

variable "limits" {
  description = "Turns | waits, per user."
  type = object({
    turns = number # per second
    any   = optional(bool, false)
  })
  nullable  = false
  sensitive = true
}

output "arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.memory.arn
}
"""


@pytest.fixture
def main_tf() -> str:
    """Text of main.tf."""
    return MAIN


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder modules/memory, below the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "modules" / "memory"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(MAIN)
    (folder / "variables.tf").write_text(VARIABLES)
    return folder
