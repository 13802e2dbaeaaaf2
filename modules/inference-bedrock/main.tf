locals {
  partition = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"

  # Regions of each geography whose inference profiles keep calls inside it (AWS docs: geographic cross-Region inference).
  geographies = {
    apac   = "^ap-"
    au     = "^ap-southeast-[24]$"
    eu     = "^eu-"
    jp     = "^ap-northeast-[13]$"
    us     = "^us-(east|west)-"
    us-gov = "^us-gov-"
  }
  profile_prefixes = concat(keys(local.geographies), ["ca", "global", "sa"])

  foundation_models = {
    for key, model in var.models : key => [
      for region in sort(model.regions) : "arn:${local.partition}:bedrock:${region}::foundation-model/${model.model_id}"
    ]
  }
  system_profiles = {
    for key, model in var.models : key => "arn:${local.partition}:bedrock:${var.region}:${var.account_id}:inference-profile/${model.geography}.${model.model_id}"
    if model.geography != null
  }
  sources = { for key, arns in local.foundation_models : key => lookup(local.system_profiles, key, arns[0]) }
}

# Names the companion in metrics and on the bill. A profile cannot be changed, and its name is a digest of its source, so
# that another model is another profile beside the one that callers still use.
resource "aws_bedrock_inference_profile" "this" {
  for_each = local.sources

  name        = "${var.name}-${each.key}-${substr(sha256(each.value), 0, 8)}"
  description = "Model ${each.key} of companion ${var.name}"
  tags        = var.tags

  model_source {
    copy_from = each.value
  }

  lifecycle {
    create_before_destroy = true
  }
}
