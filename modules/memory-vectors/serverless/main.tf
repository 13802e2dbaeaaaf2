locals {
  account = split(":", var.kms_key_arn)[4]
}

resource "aws_opensearchserverless_security_policy" "encryption" {
  name        = var.name
  type        = "encryption"
  description = "Customer-managed key of ${var.name}"

  policy = jsonencode({
    Rules       = [{ ResourceType = "collection", Resource = ["collection/${var.name}"] }]
    AWSOwnedKey = false
    KmsARN      = var.kms_key_arn
  })
}

resource "aws_opensearchserverless_vpc_endpoint" "this" {
  name               = var.name
  vpc_id             = var.vpc_id
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids
}

resource "aws_opensearchserverless_security_policy" "network" {
  name        = var.name
  type        = "network"
  description = "The VPC endpoint of ${var.name} and nothing else"

  policy = jsonencode([{
    Description     = "Collection through the VPC endpoint only"
    Rules           = [{ ResourceType = "collection", Resource = ["collection/${var.name}"] }]
    AllowFromPublic = false
    SourceVPCEs     = [aws_opensearchserverless_vpc_endpoint.this.id]
  }])
}

resource "aws_opensearchserverless_access_policy" "data" {
  name        = var.name
  type        = "data"
  description = "One index of ${var.name}, for named roles"

  policy = jsonencode([
    {
      Description = "Clients search, index and delete"
      Rules = [{
        ResourceType = "index"
        Resource     = ["index/${var.name}/${var.index_name}"]
        Permission   = ["aoss:DescribeIndex", "aoss:ReadDocument", "aoss:WriteDocument"]
      }]
      Principal = sort(var.client_role_arns)
    },
    {
      Description = "The admin keeps the index"
      Rules = [{
        ResourceType = "index"
        Resource     = ["index/${var.name}/${var.index_name}"]
        Permission   = ["aoss:CreateIndex", "aoss:DeleteIndex", "aoss:DescribeIndex", "aoss:UpdateIndex"]
      }]
      Principal = [var.admin_role_arn]
    },
  ])
}

resource "aws_opensearchserverless_collection" "this" {
  name             = var.name
  type             = "VECTORSEARCH"
  description      = "Vectors of ${var.name}'s memories"
  standby_replicas = "ENABLED"
  tags             = merge(var.tags, { data = "personal" })

  timeouts {
    create = "60m"
    delete = "60m"
  }

  # A collection cannot be created before a policy names its key, and must not be before one closes its network.
  depends_on = [
    aws_opensearchserverless_security_policy.encryption,
    aws_opensearchserverless_security_policy.network,
  ]
}

# Metrics: AWS docs, "Monitoring OpenSearch Serverless with Amazon CloudWatch".
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = {
    search-errors   = "SearchRequestErrors"
    ingest-errors   = "IngestionRequestErrors"
    document-errors = "IngestionDocumentErrors"
  }

  alarm_name          = "${var.name}-vectors-${each.key}"
  alarm_description   = "OpenSearch Serverless collection ${var.name}: ${each.value} is above 0 in 3 of 5 minutes."
  namespace           = "AWS/AOSS"
  metric_name         = each.value
  dimensions          = { ClientId = local.account, CollectionId = aws_opensearchserverless_collection.this.id, CollectionName = var.name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
