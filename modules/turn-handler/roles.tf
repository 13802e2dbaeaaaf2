locals {
  partition   = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"
  ec2_arn     = "arn:${local.partition}:ec2:${var.region}:${var.account_id}"
  eni_actions = ["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]

  granted = {
    for key, _ in local.functions : key => [for statement in lookup(var.grants, key, []) : merge(
      { Sid = statement.sid, Effect = statement.effect, Action = statement.actions },
      # IAM takes no empty element.
      { for element, value in { Resource = statement.resources, NotResource = statement.not_resources, Condition = statement.conditions } : element => value if length(value) > 0 },
    )]
  }

  # What Lambda does with the role before any code of ours runs.
  runtime = {
    for key, name in local.function_names : key => [
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${name}:*"
      },
      # X-Ray has no resources to name (AWS docs: Service Authorization Reference, AWS X-Ray).
      {
        Sid      = "Trace"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
    ]
  }

  # AWS docs: Giving Lambda functions access to resources in an Amazon VPC, "Required IAM permissions", cut down to this network.
  network = {
    for key, function in local.functions : key => flatten([for network in function.in_network ? var.network[*] : [] : [
      {
        Sid    = "AttachToNetwork"
        Effect = "Allow"
        Action = ["ec2:CreateNetworkInterface"]
        Resource = concat(
          ["${local.ec2_arn}:network-interface/*"],
          [for id in sort(network.subnet_ids) : "${local.ec2_arn}:subnet/${id}"],
          [for id in sort(network.security_group_ids) : "${local.ec2_arn}:security-group/${id}"],
        )
      },
      {
        Sid      = "KeepNetworkInterfaces"
        Effect   = "Allow"
        Action   = ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]
        Resource = "${local.ec2_arn}:network-interface/*"
      },
      # Describing is granted on everything or nothing.
      {
        Sid      = "SeeNetwork"
        Effect   = "Allow"
        Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
        Resource = "*"
      },
      # Lambda attaches the function; the function's own code has no business with the network.
      {
        Sid       = "LeaveNetworkToLambda"
        Effect    = "Deny"
        Action    = concat(local.eni_actions, ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"])
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:${local.partition}:lambda:${var.region}:${var.account_id}:function:${local.function_names[key]}" } }
      },
    ]])
  }

  runtime_sids = ["AttachToNetwork", "KeepNetworkInterfaces", "LeaveNetworkToLambda", "SeeNetwork", "Trace", "WriteLogs"]

  policies = {
    for key, _ in local.functions : key => jsonencode({
      Version   = "2012-10-17"
      Statement = concat(local.granted[key], local.runtime[key], local.network[key])
    })
  }
}

resource "aws_iam_role" "this" {
  for_each = local.function_names

  name        = each.value
  description = "What function ${each.value} may do"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LambdaOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.policies

  name   = "run-function"
  role   = aws_iam_role.this[each.key].id
  policy = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 10240
      error_message = "grants of ${each.key} must fit 10240 characters of policy (AWS docs: IAM quotas, role inline policies); join statements that have the same resources."
    }
  }
}
