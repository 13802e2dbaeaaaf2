resource "aws_dynamodb_table" "memory" {
  name                        = "companion-memory"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user_id"
  range_key                   = "memory_id"
  deletion_protection_enabled = true
  tags                        = { data = "personal" }

  attribute {
    name = "user_id"
    type = "S"
  }
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
    recovery_period_in_days = 14
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key_arn
  }
}

resource "aws_s3_bucket" "voices" {
  bucket = "companion-voices-111122223333"
  tags   = local.tags
}

resource "aws_s3_bucket_lifecycle_configuration" "voices" {
  bucket = aws_s3_bucket.voices.id

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration {
      days = 7
    }
  }
}

resource "aws_opensearch_domain" "vectors" {
  domain_name    = "companion"
  engine_version = "OpenSearch_2.19"
  tags           = local.tags

  cluster_config {
    instance_count         = 3
    instance_type          = "r7g.large.search"
    zone_awareness_enabled = true
    zone_awareness_config {
      availability_zone_count = 3
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_size = 50
  }

  vpc_options {
    subnet_ids = local.subnets
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = local.key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  advanced_security_options {
    enabled                = true
    anonymous_auth_enabled = false
    master_user_options {
      master_user_arn = "arn:aws:iam::111122223333:role/companion-admin"
    }
  }

  log_publishing_options {
    log_type                 = "AUDIT_LOGS"
    enabled                  = true
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.access.arn
  }
}

resource "aws_opensearch_domain_policy" "vectors" {
  domain_name = aws_opensearch_domain.vectors.domain_name

  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Worker"
      Effect    = "Allow"
      Principal = { AWS = [aws_iam_role.worker.arn] }
      Action    = ["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpDelete"]
      Resource  = "${aws_opensearch_domain.vectors.arn}/*"
    }]
  })
}

resource "aws_opensearchserverless_security_policy" "encryption" {
  name = "companion"
  type = "encryption"

  policy = jsonencode({
    Rules       = [{ ResourceType = "collection", Resource = ["collection/companion"] }]
    AWSOwnedKey = false
    KmsARN      = local.key_arn
  })
}

resource "aws_opensearchserverless_security_policy" "network" {
  name = "companion"
  type = "network"

  policy = jsonencode([{
    Rules           = [{ ResourceType = "collection", Resource = ["collection/companion"] }]
    AllowFromPublic = false
    SourceVPCEs     = ["vpce-0123456789abcdef0"]
  }])
}

resource "aws_opensearchserverless_access_policy" "data" {
  name = "companion"
  type = "data"

  policy = jsonencode([{
    Rules     = [{ ResourceType = "index", Resource = ["index/companion/memories"], Permission = ["aoss:ReadDocument", "aoss:WriteDocument"] }]
    Principal = [aws_iam_role.worker.arn]
  }])
}

resource "aws_opensearchserverless_collection" "vectors" {
  name       = "companion"
  type       = "VECTORSEARCH"
  tags       = local.tags
  depends_on = [aws_opensearchserverless_security_policy.encryption]
}

resource "aws_dynamodb_table" "facts" {
  name                        = "companion-facts"
  billing_mode                = "PROVISIONED"
  read_capacity               = 5
  write_capacity              = 5
  hash_key                    = "user_id"
  deletion_protection_enabled = true
  tags                        = local.tags

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
    recovery_period_in_days = 14
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key_arn
  }
}

resource "aws_appautoscaling_target" "facts" {
  service_namespace  = "dynamodb"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  resource_id        = "table/${aws_dynamodb_table.facts.name}"
  min_capacity       = 5
  max_capacity       = 500
}

resource "aws_appautoscaling_policy" "facts" {
  name               = "read"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.facts.service_namespace
  scalable_dimension = aws_appautoscaling_target.facts.scalable_dimension
  resource_id        = aws_appautoscaling_target.facts.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = 70

    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}
