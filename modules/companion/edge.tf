locals {
  # No more than the queue's workers answer before the deadline.
  send_throttle = {
    rate_per_second = module.turn_queue.capacity_contract.stage_rate_per_second
    burst           = module.turn_queue.capacity_contract.stage_burst
  }

  # Nobody needs more addresses than there are streams.
  listen_throttle = {
    for key, voice in module.voice : key => {
      rate_per_second = voice.capacity_contract.transcription_streams
      burst           = voice.capacity_contract.transcription_streams
    }
  }

  functions = module.turn_handler.handlers.functions
  routes = merge(
    {
      "$connect"    = { function = "connection", throttle = null }
      "$disconnect" = { function = "connection", throttle = null }
      "$default"    = { function = "ingest", throttle = null }
      "erase"       = { function = "ingest", throttle = null }
      "ping"        = { function = "ingest", throttle = null }
      "send"        = { function = "ingest", throttle = local.send_throttle }
    },
    { for key, voice in module.voice : "listen" => { function = "listen", throttle = local.listen_throttle[key] } },
  )
}

module "realtime_edge" {
  source = "../realtime-edge"

  name               = var.name
  tags               = var.tags
  kms_key_arn        = module.data_protection.keys.operations
  alarm_topic_arns   = var.alarm_topic_arns
  log_retention_days = var.retention.log_days

  authorizer = {
    function_arn = local.functions.authorizer.arn
    invoke_arn   = local.functions.authorizer.invoke_arn
  }

  routes = {
    for key, route in local.routes : key => {
      function_arn = local.functions[route.function].arn
      invoke_arn   = local.functions[route.function].invoke_arn
      throttle     = route.throttle
    }
  }

  throttle = {
    rate_per_second = var.edge.connections_per_second
    burst           = 2 * var.edge.connections_per_second
  }
}

module "edge_cdn" {
  source   = "../edge-cdn"
  for_each = local.with_cdn

  name        = var.name
  tags        = var.tags
  web_acl_arn = var.edge.cdn.web_acl_arn

  origin = {
    host = module.realtime_edge.api.host
    path = "/${module.realtime_edge.api.stage}"
  }

  domain = {
    aliases         = var.edge.cdn.aliases
    certificate_arn = var.edge.cdn.certificate_arn
  }
}
