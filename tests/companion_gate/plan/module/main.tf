variable "table_name" {
  type = string

  validation {
    condition     = length(var.table_name) > 2
    error_message = "table_name must have three characters or more."
  }
}

variable "secret" {
  type      = string
  sensitive = true
}

variable "limits" {
  type    = list(number)
  default = [10, 20]
}

locals {
  table_arn = aws_dynamodb_table.memory.arn
}

resource "aws_dynamodb_table" "memory" {
  name         = var.table_name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "user_id"

  attribute {
    name = "user_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = false
  }

  replica {
    region_name = "us-east-1"
  }

  dynamic "ttl" {
    for_each = toset(["expires_at"])
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
}

resource "aws_lambda_function" "turn" {
  function_name = "turn"
  role          = "arn:aws:iam::123456789012:role/turn"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/turn:1"

  environment {
    variables = {
      TOKEN = var.secret
    }
  }
}

resource "aws_sqs_queue" "turns" {
  for_each = toset(["chat", "voice"])

  name   = each.key
  policy = jsonencode({ Statement = [{ Resource = local.table_arn }] })
}

output "table" {
  value = { arn = local.table_arn, name = aws_dynamodb_table.memory.name, limits = var.limits }
}
