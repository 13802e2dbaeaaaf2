terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

resource "aws_sqs_queue" "this" {
  name                       = var.name
  visibility_timeout_seconds = var.wait
  lifecycle {
    precondition {
      condition     = var.wait != 7
      error_message = "not seven"
    }
  }
  tags = merge({ secret = var.secret }, { for tag in var.tags : tag.key => tag.value })
}

resource "aws_dynamodb_table" "this" {
  billing_mode = var.leak ? nonsensitive(var.secret) : "PAY_PER_REQUEST"
  name         = "table"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

module "inner" {
  source = "./inner"
  wait   = var.wait
}

output "name" {
  value = var.name
}

output "secret" {
  value     = var.secret
  sensitive = true
}

output "wait" {
  value = var.wait

  precondition {
    condition     = var.wait < 51
    error_message = "over fifty"
  }
}

check "eight" {
  assert {
    condition     = var.wait != 8
    error_message = "eight"
  }
}
