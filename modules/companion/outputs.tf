output "companion" {
  description = "Where clients connect, what the product's own backend needs (the key that signs tickets, the erasure queue), the guardrail's version, and the vector index that must be made after the first apply (null without vectors)."
  value = {
    endpoints          = concat(flatten([for cdn in module.edge_cdn : cdn.distribution.endpoints]), [module.realtime_edge.api.endpoint])
    ticket_key_arn     = module.data_protection.keys.tickets
    erasure_queue      = module.data_protection.data_protection.erasure_queue
    guardrail          = { id = module.moderation.guardrail.id, version = module.moderation.guardrail.version }
    memory             = module.memory_hot.memory
    queue              = module.turn_queue.queue
    functions          = module.turn_handler.handlers.functions
    vectors            = one([for store in module.memory_vectors : store.vectors])
    distribution       = one([for cdn in module.edge_cdn : cdn.distribution])
    break_glass_reason = var.break_glass_reason
  }
}

output "grants" {
  description = "IAM statements for the product's own backend: mint_ticket (lets a signed-in user connect), request_erasure (erases one user's data, as when an account is closed)."
  value = {
    mint_ticket     = module.data_protection.grants.mint_ticket
    request_erasure = module.data_protection.grants.request_erasure
  }
}

output "alarms" {
  description = "Names of all alarms."
  value       = sort(concat(flatten(values(local.alarms)), module.observability.alarms))
}

output "capacity_contract" {
  description = "What the whole companion carries and promises, known at plan time: turns a second and at once, by the weakest part; seconds until a turn is answered busy; days until a memory is gone, and until an erased user is gone everywhere. parts holds each module's own contract."
  value = {
    turns_per_second       = min(local.ceilings...)
    turns_at_once          = module.turn_queue.capacity_contract.max_concurrency
    deadline_seconds       = module.turn_queue.capacity_contract.deadline_seconds
    connections_per_second = var.edge.connections_per_second
    memory_days            = var.retention.memory_days
    erasure_window_days    = module.data_protection.capacity_contract.erasure_window_days
    functions              = module.turn_handler.capacity_contract.functions

    parts = merge(
      {
        data_protection   = module.data_protection.capacity_contract
        inference_bedrock = module.inference_bedrock.capacity_contract
        memory_hot        = module.memory_hot.capacity_contract
        moderation        = module.moderation.capacity_contract
        observability     = module.observability.capacity_contract
        realtime_edge     = module.realtime_edge.capacity_contract
        turn_handler      = module.turn_handler.capacity_contract
        turn_queue        = module.turn_queue.capacity_contract
      },
      { for key, cdn in module.edge_cdn : "edge_cdn" => cdn.capacity_contract },
      { for key, endpoint in module.inference_endpoint : "inference_endpoint" => endpoint.capacity_contract },
      { for key, store in module.memory_vectors : "memory_vectors" => store.capacity_contract },
      { for key, voice in module.voice : "voice" => voice.capacity_contract },
    )
  }
}

locals {
  ceilings = concat(
    [module.turn_queue.capacity_contract.max_turns_per_second],
    [for endpoint in module.inference_endpoint : endpoint.capacity_contract.max_requests_per_second],
    [for voice in module.voice : voice.capacity_contract.max_turns_per_second],
  )
}
