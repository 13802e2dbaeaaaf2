module "turn_handler" {
  source = "../turn-handler"

  name               = var.name
  tags               = var.tags
  account_id         = var.account_id
  region             = var.region
  kms_key_arn        = module.data_protection.keys.personal
  alarm_topic_arns   = var.alarm_topic_arns
  log_retention_days = var.retention.log_days
  features           = setunion(local.with_vectors, local.with_voice)
  grants             = local.grants

  worker = {
    timeout_seconds = var.turns.timeout_seconds
  }

  # Without a vector store nothing has to be reached in a VPC, and functions outside of one need no NAT.
  network = one([for vectors in local.with_vectors : {
    subnet_ids         = var.network.subnet_ids
    security_group_ids = var.network.security_group_ids
  }])

  settings = {
    memory               = module.memory_hot.memory
    ticket_key_arn       = module.data_protection.keys.tickets
    queue                = module.turn_queue.queue
    erasure_queue        = module.data_protection.data_protection.erasure_queue
    turns_per_minute     = var.turns.per_minute
    connections_endpoint = module.realtime_edge.api.management_endpoint
    guardrail            = module.moderation.guardrail
    max_tokens           = var.inference.max_tokens
    persona              = var.persona
    model                = local.model

    vectors = one([for store in module.memory_vectors : merge(store.vectors, { embedding_model_id = var.vectors.embedding_model_id })])
    voice   = one([for voice in module.voice : voice.voice])
  }
}

locals {
  model = {
    engine = var.inference.sagemaker == null ? "bedrock" : "sagemaker"
    id = one(concat(
      [for profile in module.inference_bedrock.inference.profiles : profile.arn],
      [for endpoint in module.inference_endpoint : endpoint.endpoint.name],
    ))
  }
}

# Each function gets the grants of what it does, and no more: a test holds them against the calls in its code.
locals {
  grants = merge(
    {
      authorizer = concat(
        module.data_protection.grants.verify_ticket,
        module.memory_hot.grants.authenticate,
      )
      connection = module.memory_hot.grants.connect
      ingest = concat(
        module.memory_hot.grants.admit,
        module.turn_queue.grants.send,
        module.data_protection.grants.request_erasure,
        module.realtime_edge.grants.post_to_connection,
      )
      worker = concat(
        module.turn_queue.grants.consume,
        module.memory_hot.grants.recall,
        module.memory_hot.grants.remember,
        module.memory_hot.grants.answer_once,
        module.memory_hot.grants.disconnect,
        module.moderation.grants.apply,
        module.inference_bedrock.grants.invoke,
        module.inference_bedrock.grants.embed,
        module.realtime_edge.grants.post_to_connection,
        flatten([for endpoint in module.inference_endpoint : endpoint.grants.stream]),
        flatten([for store in module.memory_vectors : concat(
          module.memory_hot.grants.recall_by_id,
          store.grants.search,
          store.grants.index,
          store.grants.forget,
        )]),
        flatten([for voice in module.voice : voice.grants.speak]),
      )
      erase = concat(
        module.data_protection.grants.consume_erasure,
        module.memory_hot.grants.erase,
        module.realtime_edge.grants.post_to_connection,
        flatten([for store in module.memory_vectors : store.grants.erase]),
      )
    },
    {
      for vectors in local.with_vectors : "forget" => concat(
        module.memory_hot.grants.stream,
        module.data_protection.grants.expire_vectors,
        module.memory_vectors[vectors].grants.forget,
      )
    },
    {
      for voice in local.with_voice : "listen" => concat(
        module.voice[voice].grants.listen,
        module.realtime_edge.grants.post_to_connection,
      )
    },
  )
}
