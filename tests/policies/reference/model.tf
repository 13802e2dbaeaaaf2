resource "aws_sagemaker_model" "this" {
  name                     = "companion"
  execution_role_arn       = "arn:aws:iam::111122223333:role/companion-endpoint"
  enable_network_isolation = true

  primary_container {
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
  }
}

resource "aws_sagemaker_endpoint_configuration" "plain" {
  name        = "companion"
  kms_key_arn = local.key_arn

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.m5.xlarge"
    initial_instance_count = 2
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = "companion"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.plain.name

  deployment_config {
    blue_green_update_policy {
      traffic_routing_configuration {
        type                     = "ALL_AT_ONCE"
        wait_interval_in_seconds = 300
      }
    }

    auto_rollback_configuration {
      alarms {
        alarm_name = aws_cloudwatch_metric_alarm.model.alarm_name
      }
    }
  }
}

resource "aws_appautoscaling_target" "endpoint" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/AllTraffic"
  min_capacity       = 2
  max_capacity       = 8
}

resource "aws_appautoscaling_policy" "endpoint" {
  name               = "load"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.endpoint.service_namespace
  scalable_dimension = aws_appautoscaling_target.endpoint.scalable_dimension
  resource_id        = aws_appautoscaling_target.endpoint.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 5
    scale_out_cooldown = 60
    scale_in_cooldown  = 300
    disable_scale_in   = false

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "model" {
  alarm_name          = "companion-model-errors"
  namespace           = "AWS/SageMaker"
  metric_name         = "Invocation5XXErrors"
  dimensions          = { EndpointName = "companion", VariantName = "AllTraffic" }
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0.01
  period              = 60
  evaluation_periods  = 3
  alarm_actions       = [local.topic_arn]
}
