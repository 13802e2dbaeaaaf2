output "vectors" {
  description = "The store, the same for both engines. Create index_name with index_definition (a JSON body) as admin_role_arn: no provider resource can. With normalise, vectors must have length 1. Without delete_by_query, erase by searching user_id and deleting each _id."
  value = {
    engine           = var.engine
    arn              = local.store.store.arn
    endpoint         = local.store.store.endpoint
    signing_service  = local.store.store.signing_service
    delete_by_query  = local.store.store.delete_by_query
    index_name       = var.index_name
    index_definition = jsonencode(local.index_definition)
    dimension        = var.dimension
    normalise        = local.method.space_type == "innerproduct"
  }
}

output "grants" {
  description = "IAM statements by purpose: search, index, forget (one vector), erase (all of one user)."
  value       = local.store.grants
}

output "alarms" {
  description = "Names of the alarms on the store's health."
  value       = sort(local.store.alarms)
}

output "capacity_contract" {
  description = "Sizes, known at plan time. Nodes, zones and storage are null for a serverless collection, which scales itself."
  value = {
    engine             = var.engine
    dimension          = var.dimension
    nodes              = one(var.domain[*].instance_count)
    availability_zones = one(var.domain[*].availability_zones)
    storage_gib        = one([for domain in var.domain[*] : domain.instance_count * domain.volume_gib])
  }
}
