# Exactly one of the two. The key is the engine's name, so that an address says what it holds and never shifts.

module "domain" {
  source   = "./domain"
  for_each = toset([for engine in [var.engine] : engine if engine == "domain"])

  name               = var.name
  tags               = var.tags
  kms_key_arn        = var.kms_key_arn
  alarm_topic_arns   = var.alarm_topic_arns
  log_retention_days = var.log_retention_days
  subnet_ids         = var.network.subnet_ids
  security_group_ids = var.network.security_group_ids
  admin_role_arn     = var.admin_role_arn
  client_role_arns   = var.client_role_arns
  index_name         = var.index_name
  settings           = var.domain
}

module "serverless" {
  source   = "./serverless"
  for_each = toset([for engine in [var.engine] : engine if engine == "serverless"])

  name               = var.name
  tags               = var.tags
  kms_key_arn        = var.kms_key_arn
  alarm_topic_arns   = var.alarm_topic_arns
  vpc_id             = var.network.vpc_id
  subnet_ids         = var.network.subnet_ids
  security_group_ids = var.network.security_group_ids
  admin_role_arn     = var.admin_role_arn
  client_role_arns   = var.client_role_arns
  index_name         = var.index_name
}

locals {
  store = merge(module.domain, module.serverless)[var.engine]

  # The filter must run inside the k-NN search: filtering afterwards finds nothing for most users. Lucene does it with cosine similarity;
  # a serverless collection has faiss, where cosine similarity is the inner product of normalised vectors.
  methods = {
    domain     = { engine = "lucene", space_type = "cosinesimil" }
    serverless = { engine = "faiss", space_type = "innerproduct" }
  }
  method = local.methods[var.engine]

  index_definition = {
    settings = { index = { knn = true } }
    mappings = {
      # A field that nobody declared is personal data that nobody knows of.
      dynamic = "strict"
      properties = {
        user_id    = { type = "keyword" }
        memory_id  = { type = "keyword" }
        expires_at = { type = "date", format = "epoch_second" }
        embedding = {
          type      = "knn_vector"
          dimension = var.dimension
          method = {
            name       = "hnsw"
            engine     = local.method.engine
            space_type = local.method.space_type
          }
        }
      }
    }
  }
}
