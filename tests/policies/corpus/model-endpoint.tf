# A SageMaker endpoint for fraud scores, as tutorials write it.

# model-image-digest
resource "aws_sagemaker_model" "fraud" {
  name               = "fraud"
  execution_role_arn = "arn:aws:iam::111122223333:role/fraud"

  primary_container {
    image          = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/fraud:1.4"
    model_data_url = "s3://acme-models/fraud/model.tar.gz"
  }
}

# endpoint-two-instances
resource "aws_sagemaker_endpoint_configuration" "fraud" {
  name = "fraud"

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.fraud.name
    initial_instance_count = 1
    instance_type          = "ml.m5.large"
  }
}

resource "aws_sagemaker_endpoint_configuration" "serverless" {
  name = "fraud-serverless"

  production_variants {
    variant_name = "AllTraffic"
    model_name   = aws_sagemaker_model.fraud.name

    serverless_config {
      max_concurrency   = 20
      memory_size_in_mb = 2048
    }
  }
}

resource "aws_sagemaker_endpoint" "fraud" {
  name                 = "fraud"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.fraud.name
}
