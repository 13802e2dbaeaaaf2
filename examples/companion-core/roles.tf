# Each role of the application gets the grants of what it does, and no more.
locals {
  app_grants = {
    worker = concat(
      module.moderation.grants.apply,
      module.moderation.grants.enforced_invoke,
      module.moderation.grants.comprehend,
      module.memory_hot.grants.read,
      module.memory_hot.grants.write,
      module.memory_hot.grants.connections,
      module.memory_vectors.grants.search,
      module.memory_vectors.grants.index,
      module.inference_endpoint.grants.invoke,
    )
    eraser = concat(
      module.memory_hot.grants.erase,
      module.memory_hot.grants.stream,
      module.memory_vectors.grants.delete,
    )
  }
}

resource "aws_iam_role" "app" {
  for_each = toset(["worker", "eraser"])

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Lambda"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "app" {
  for_each = aws_iam_role.app

  name = "grants"
  role = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for grant in local.app_grants[each.key] : {
        for key, value in {
          Sid       = grant.sid
          Effect    = grant.effect
          Action    = grant.actions
          Resource  = grant.resources
          Condition = grant.conditions
        } : key => value if length(value) > 0
      }
    ]
  })
}
