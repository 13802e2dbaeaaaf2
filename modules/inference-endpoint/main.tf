locals {
  endpoint_name = var.name
  # One variant takes all traffic; its name is in the endpoint, the scaling target and the alarms.
  variant_name = "AllTraffic"

  # SageMaker encrypts instance store in hardware, and refuses a key or a volume size for types that have one
  # (AWS API reference: CreateEndpointConfig, KmsKeyId; types: Amazon EC2, instance store volumes).
  has_instance_store = can(regex("^ml\\.((c|m|r)[0-9]+[a-z]*d[a-z]*|g4dn|g5|g6e?|gr6|p3dn|p4de?|p5(en?)?|p6[a-z0-9-]*|trn[12]n?)\\.", var.instance.type))

  # The model's name is a digest of what it runs, so that a changed model is a new model beside the old one.
  model_digest = substr(sha256(jsonencode([var.model, var.network])), 0, 12)
}

resource "aws_sagemaker_model" "this" {
  name                     = "${var.name}-${local.model_digest}"
  execution_role_arn       = aws_iam_role.execution.arn
  enable_network_isolation = true
  tags                     = var.tags

  primary_container {
    image       = var.model.image
    environment = var.model.environment

    model_data_source {
      s3_data_source {
        s3_uri           = var.model.artifact_s3_uri
        s3_data_type     = endswith(var.model.artifact_s3_uri, "/") ? "S3Prefix" : "S3Object"
        compression_type = endswith(var.model.artifact_s3_uri, "/") ? "None" : "Gzip"
      }
    }
  }

  vpc_config {
    subnets            = var.network.subnet_ids
    security_group_ids = var.network.security_group_ids
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_iam_role_policy.execution]
}

# A configuration cannot be changed. A new name is what makes the endpoint notice the new one: under a fixed name the
# fleet would run the old model for ever, with a clean plan.
resource "aws_sagemaker_endpoint_configuration" "this" {
  name_prefix = "${var.name}-"
  kms_key_arn = local.has_instance_store ? null : var.kms_key_arn
  tags        = var.tags

  production_variants {
    variant_name  = local.variant_name
    model_name    = aws_sagemaker_model.this.name
    instance_type = var.instance.type
    # Each roll-out resets the fleet to this number, so it must be the scaling floor.
    initial_instance_count                            = var.scaling.min
    initial_variant_weight                            = 1
    volume_size_in_gb                                 = local.has_instance_store ? null : var.instance.volume_gib
    model_data_download_timeout_in_seconds            = var.instance.startup_seconds
    container_startup_health_check_timeout_in_seconds = var.instance.startup_seconds

    routing_config {
      routing_strategy = "LEAST_OUTSTANDING_REQUESTS"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = local.endpoint_name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
  tags                 = var.tags

  # The new fleet takes half the traffic, then all of it; either alarm brings the old fleet back.
  deployment_config {
    blue_green_update_policy {
      termination_wait_in_seconds          = 300
      maximum_execution_timeout_in_seconds = 7200

      traffic_routing_configuration {
        type                     = "LINEAR"
        wait_interval_in_seconds = 300

        linear_step_size {
          type  = "CAPACITY_PERCENT"
          value = 50
        }
      }
    }

    auto_rollback_configuration {
      alarms {
        alarm_name = aws_cloudwatch_metric_alarm.server_errors.alarm_name
      }
      alarms {
        alarm_name = aws_cloudwatch_metric_alarm.latency.alarm_name
      }
    }
  }

  # Without the group, SageMaker would create one that keeps logs for ever, without the key.
  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/sagemaker/Endpoints/${local.endpoint_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
