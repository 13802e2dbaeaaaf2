locals {
  alarms = merge(
    {
      edge      = module.realtime_edge.alarms
      erasure   = module.data_protection.alarms
      handlers  = module.turn_handler.alarms
      inference = module.inference_bedrock.alarms
      memory    = module.memory_hot.alarms
      queue     = module.turn_queue.alarms
    },
    { for endpoint in module.inference_endpoint : "endpoint" => endpoint.alarms },
    { for store in module.memory_vectors : "vectors" => store.alarms },
  )
}

module "observability" {
  source = "../observability"

  name             = var.name
  tags             = var.tags
  account_id       = var.account_id
  region           = var.region
  alarm_topic_arns = var.alarm_topic_arns
  alarms           = local.alarms

  sources = {
    api_id         = module.realtime_edge.api.id
    queue_name     = module.turn_queue.queue.name
    function_names = { for key, function in local.functions : key => function.name }
    table_names    = { for key, table in module.memory_hot.memory.tables : key => table.name }
    guardrail      = module.moderation.guardrail
    model          = local.model
  }
}
