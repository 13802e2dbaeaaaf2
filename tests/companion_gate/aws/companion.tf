# What the provider reads back after each of these is what the embedded AWS must remember.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region      = "eu-west-1"
  max_retries = 2
}

variable "policy" {
  type = string
}

variable "recovery_days" {
  type = number
}

variable "instance_type" {
  type = string
}

resource "aws_bedrock_guardrail" "this" {
  name                      = "companion"
  description               = "policy ${var.policy}"
  blocked_input_messaging   = "I can't talk about that."
  blocked_outputs_messaging = "Let us change the subject."
  tags                      = { team = "safety" }

  content_policy_config {
    filters_config {
      type            = "SEXUAL"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "PROMPT_ATTACK"
      input_strength  = "HIGH"
      output_strength = "NONE"
    }
  }
  topic_policy_config {
    topics_config {
      name       = "self-harm"
      definition = "Harming oneself."
      examples   = ["How do I hurt myself?"]
      type       = "DENY"
    }
  }
  sensitive_information_policy_config {
    pii_entities_config {
      type   = "EMAIL"
      action = "ANONYMIZE"
    }
    regexes_config {
      name        = "ticket"
      description = "Number of a ticket"
      pattern     = "T-[0-9]+"
      action      = "BLOCK"
    }
  }
  word_policy_config {
    managed_word_lists_config {
      type = "PROFANITY"
    }
    words_config {
      text = "word"
    }
  }
  contextual_grounding_policy_config {
    filters_config {
      type      = "GROUNDING"
      threshold = 0.75
    }
  }
}

resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  description   = "policy ${var.policy}"
  skip_destroy  = true

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_dynamodb_table" "this" {
  name             = "memory"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "user_id"
  stream_enabled   = true
  stream_view_type = "OLD_IMAGE"

  attribute {
    name = "user_id"
    type = "S"
  }
  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }
  on_demand_throughput {
    max_read_request_units  = 1000
    max_write_request_units = 1000
  }
}

resource "aws_iam_role" "this" {
  name = "companion"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "sagemaker.amazonaws.com" } }]
  })
}

resource "aws_sagemaker_model" "this" {
  name                     = "companion"
  execution_role_arn       = aws_iam_role.this.arn
  enable_network_isolation = true

  primary_container {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/llm:1"
  }
  vpc_config {
    subnets            = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    security_group_ids = ["sg-0123456789abcdef0"]
  }
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  name_prefix = "companion-"

  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = var.instance_type
    initial_instance_count = 2
  }
  data_capture_config {
    enable_capture              = true
    initial_sampling_percentage = 10
    destination_s3_uri          = "s3://bucket/capture"
    capture_options {
      capture_mode = "Input"
    }
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = "companion"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name

  deployment_config {
    auto_rollback_configuration {
      alarms {
        alarm_name = "errors"
      }
    }
    blue_green_update_policy {
      termination_wait_in_seconds = 300
      traffic_routing_configuration {
        type                     = "CANARY"
        wait_interval_in_seconds = 300
        canary_size {
          type  = "CAPACITY_PERCENT"
          value = 10
        }
      }
    }
  }
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "sagemaker"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/main"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  min_capacity       = 2
  max_capacity       = 4
  tags               = { team = "chat" }
}

resource "aws_appautoscaling_policy" "this" {
  name               = "concurrency"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  policy_type        = "TargetTrackingScaling"

  target_tracking_scaling_policy_configuration {
    target_value = 4
    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    }
  }
}

resource "aws_opensearchserverless_security_policy" "this" {
  name = "vectors"
  type = "encryption"
  policy = jsonencode({
    Rules       = [{ ResourceType = "collection", Resource = ["collection/vectors"] }]
    AWSOwnedKey = true
  })
}

resource "aws_opensearchserverless_access_policy" "this" {
  name = "vectors"
  type = "data"
  policy = jsonencode([{
    Rules     = [{ ResourceType = "index", Resource = ["index/vectors/*"], Permission = ["aoss:ReadDocument"] }]
    Principal = [aws_iam_role.this.arn]
  }])
}
