locals {
  # From the key's ARN, so that no data source has to ask an account: arn:<partition>:kms:<region>:<account>:key/<id>.
  key_arn   = split(":", var.kms_key_arn)
  partition = local.key_arn[1]
  region    = local.key_arn[3]
  account   = local.key_arn[4]
  # Known before the domain exists, which the log policy must be.
  domain_arn = "arn:${local.partition}:es:${local.region}:${local.account}:domain/${var.name}"
}

resource "aws_opensearch_domain" "this" {
  domain_name    = var.name
  engine_version = var.settings.engine_version
  tags           = merge(var.tags, { data = "personal" })

  cluster_config {
    instance_type            = var.settings.instance_type
    instance_count           = var.settings.instance_count
    dedicated_master_enabled = true
    dedicated_master_count   = 3
    dedicated_master_type    = var.settings.master_instance_type
    zone_awareness_enabled   = true

    zone_awareness_config {
      availability_zone_count = var.settings.availability_zones
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = var.settings.volume_gib
  }

  vpc_options {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.kms_key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  advanced_security_options {
    enabled                        = true
    anonymous_auth_enabled         = false
    internal_user_database_enabled = false

    master_user_options {
      master_user_arn = var.admin_role_arn
    }
  }

  log_publishing_options {
    log_type                 = "AUDIT_LOGS"
    enabled                  = true
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["audit"].arn
  }

  log_publishing_options {
    log_type                 = "ES_APPLICATION_LOGS"
    enabled                  = true
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["application"].arn
  }

  log_publishing_options {
    log_type                 = "INDEX_SLOW_LOGS"
    enabled                  = true
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["index-slow"].arn
  }

  log_publishing_options {
    log_type                 = "SEARCH_SLOW_LOGS"
    enabled                  = true
    cloudwatch_log_group_arn = aws_cloudwatch_log_group.this["search-slow"].arn
  }

  auto_tune_options {
    desired_state       = "ENABLED"
    rollback_on_disable = "NO_ROLLBACK"
    use_off_peak_window = true
  }

  off_peak_window_options {
    enabled = true

    off_peak_window {
      window_start_time {
        hours   = var.settings.off_peak_hour_utc
        minutes = 0
      }
    }
  }

  software_update_options {
    auto_software_update_enabled = true
  }

  # The provider's 60 minutes are too short for a large domain (provider issue 33897).
  timeouts {
    create = "120m"
    update = "120m"
    delete = "120m"
  }

  depends_on = [aws_cloudwatch_log_resource_policy.this]
}

# A policy inside the domain would need the ARN that only the domain gives.
resource "aws_opensearch_domain_policy" "this" {
  domain_name = aws_opensearch_domain.this.domain_name

  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NamedRolesOnly"
      Effect    = "Allow"
      Principal = { AWS = sort(concat([var.admin_role_arn], tolist(var.client_role_arns))) }
      Action    = ["es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut"]
      Resource  = "${aws_opensearch_domain.this.arn}/*"
    }]
  })

  timeouts {
    update = "120m"
    delete = "120m"
  }
}
