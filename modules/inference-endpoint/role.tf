locals {
  # From the key's ARN, so that no data source has to ask an account: arn:<partition>:kms:<region>:<account>:key/<id>.
  key_arn   = split(":", var.kms_key_arn)
  partition = local.key_arn[1]
  region    = local.key_arn[3]
  account   = local.key_arn[4]

  # <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>
  image_host      = split(".", split("/", var.model.image)[0])
  image_path      = split("@", var.model.image)[0]
  repository_name = join("/", slice(split("/", local.image_path), 1, length(split("/", local.image_path))))
  repository_arn  = "arn:${local.partition}:ecr:${local.image_host[3]}:${local.image_host[0]}:repository/${local.repository_name}"

  # s3://<bucket>/<key or prefix/>
  artifact_path   = trimprefix(var.model.artifact_s3_uri, "s3://")
  artifact_bucket = split("/", local.artifact_path)[0]
  artifact_key    = trimprefix(local.artifact_path, "${local.artifact_bucket}/")
}

resource "aws_iam_role" "execution" {
  name        = "${var.name}-endpoint"
  description = "What SageMaker may do to run endpoint ${local.endpoint_name}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "SageMakerOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

# AWS docs: Amazon SageMaker AI roles, "CreateModel API: execution role permissions", cut down to this model.
resource "aws_iam_role_policy" "execution" {
  name = "run-endpoint"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadArtifact"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:${local.partition}:s3:::${local.artifact_path}${endswith(local.artifact_path, "/") ? "*" : ""}"
      },
      {
        Sid       = "FindArtifact"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:${local.partition}:s3:::${local.artifact_bucket}"
        Condition = { StringLike = { "s3:prefix" = "${local.artifact_key}*" } }
      },
      {
        Sid      = "DecryptArtifact"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.kms_key_arn
      },
      {
        Sid      = "PullImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = local.repository_arn
      },
      {
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
      {
        Sid       = "PublishMetrics"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = ["/aws/sagemaker/Endpoints", "AWS/SageMaker"] } }
      },
      {
        Sid    = "AttachToNetwork"
        Effect = "Allow"
        Action = "ec2:CreateNetworkInterface"
        Resource = concat(
          ["arn:${local.partition}:ec2:${local.region}:${local.account}:network-interface/*"],
          [for id in sort(var.network.subnet_ids) : "arn:${local.partition}:ec2:${local.region}:${local.account}:subnet/${id}"],
          [for id in sort(var.network.security_group_ids) : "arn:${local.partition}:ec2:${local.region}:${local.account}:security-group/${id}"],
        )
      },
      {
        Sid      = "KeepNetworkInterfaces"
        Effect   = "Allow"
        Action   = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"]
        Resource = "arn:${local.partition}:ec2:${local.region}:${local.account}:network-interface/*"
      },
      {
        Sid      = "SeeNetwork"
        Effect   = "Allow"
        Action   = ["ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
        Resource = "*"
      },
    ]
  })
}
