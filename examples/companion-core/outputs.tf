output "companion" {
  description = "What the application is configured with."
  value = {
    guardrail = module.moderation.guardrail
    memory    = module.memory_hot.memory
    vectors   = module.memory_vectors.vectors
    endpoint  = module.inference_endpoint.endpoint
    role_arns = { for name, role in aws_iam_role.app : name => role.arn }
  }
}

output "alarms" {
  description = "Names of all alarms."
  value = concat(
    module.moderation.alarms,
    module.memory_hot.alarms,
    module.memory_vectors.alarms,
    module.inference_endpoint.alarms,
  )
}

output "capacity_contracts" {
  description = "What each part promises, by module."
  value = {
    moderation         = module.moderation.capacity_contract
    memory_hot         = module.memory_hot.capacity_contract
    memory_vectors     = module.memory_vectors.capacity_contract
    inference_endpoint = module.inference_endpoint.capacity_contract
  }
}
