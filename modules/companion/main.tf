# Composition only: what is stored, what is queued, what answers. Who may do what is in handlers.tf.

locals {
  # What a turn may need of the model, the voice and the queue at full load.
  turns_per_second = var.turns.max_concurrency / var.turns.seconds_per_turn

  # Features are switched by what the caller writes, never by a value that is known only after apply.
  with_vectors   = toset([for vectors in var.vectors[*] : "vectors"])
  with_voice     = toset([for voice in var.voice[*] : "voice"])
  with_sagemaker = toset([for sagemaker in var.inference.sagemaker[*] : "sagemaker"])
  with_cdn       = toset([for cdn in var.edge.cdn[*] : "cdn"])
}

module "data_protection" {
  source = "../data-protection"

  name             = var.name
  tags             = var.tags
  account_id       = var.account_id
  region           = var.region
  alarm_topic_arns = var.alarm_topic_arns
  retention        = var.retention

  eraser_arn = module.turn_handler.handlers.functions.erase.arn
  # The function's own, which cannot be asked for here: the queue must exist before the function. A test compares them.
  eraser_timeout_seconds = 300

  vector_expiry = one([for vectors in local.with_vectors : {
    stream_arn   = module.memory_hot.memory.stream_arn
    function_arn = module.turn_handler.handlers.functions.forget.arn
  }])
}

module "moderation" {
  source = "../moderation"

  name                   = var.name
  tags                   = var.tags
  kms_key_arn            = module.data_protection.keys.personal
  crisis_referral        = var.persona.crisis_referral
  blocked_input_message  = var.moderation.blocked_input_message
  blocked_output_message = var.moderation.blocked_output_message
  denied_topics          = var.moderation.denied_topics
  blocked_words          = var.moderation.blocked_words
  pii_entities           = var.moderation.pii_entities
}

module "memory_hot" {
  source = "../memory-hot"

  name               = var.name
  tags               = var.tags
  kms_key_arn        = module.data_protection.keys.personal
  alarm_topic_arns   = var.alarm_topic_arns
  retention_days     = var.retention.memory_days
  pitr_days          = var.retention.pitr_days
  break_glass_reason = var.break_glass_reason
}

module "memory_vectors" {
  source   = "../memory-vectors"
  for_each = local.with_vectors

  name               = var.name
  tags               = var.tags
  kms_key_arn        = module.data_protection.keys.personal
  alarm_topic_arns   = var.alarm_topic_arns
  log_retention_days = var.retention.log_days
  engine             = var.vectors.engine
  network            = var.network
  admin_role_arn     = var.vectors.admin_role_arn
  client_role_arns   = [for function in ["erase", "forget", "worker"] : module.turn_handler.roles[function].arn]
  dimension          = var.vectors.dimension
  domain             = var.vectors.domain
}

# Also with a model of one's own: it embeds memories, and denies every call of a model without the guardrail.
module "inference_bedrock" {
  source = "../inference-bedrock"

  name             = var.name
  tags             = var.tags
  account_id       = var.account_id
  region           = var.region
  alarm_topic_arns = var.alarm_topic_arns
  guardrail        = module.moderation.guardrail

  models             = { for bedrock in var.inference.bedrock[*] : "chat" => bedrock }
  embedding_model_id = one(var.vectors[*].embedding_model_id)
}

module "inference_endpoint" {
  source   = "../inference-endpoint"
  for_each = local.with_sagemaker

  name               = var.name
  tags               = var.tags
  kms_key_arn        = module.data_protection.keys.personal
  alarm_topic_arns   = var.alarm_topic_arns
  log_retention_days = var.retention.log_days
  model              = var.inference.sagemaker.model
  instance           = var.inference.sagemaker.instance
  scaling            = var.inference.sagemaker.scaling

  network = {
    subnet_ids         = var.network.subnet_ids
    security_group_ids = var.network.security_group_ids
  }
}

module "voice" {
  source   = "../voice"
  for_each = local.with_voice

  name               = var.name
  tags               = var.tags
  region             = var.region
  languages          = var.voice.languages
  turns_per_second   = local.turns_per_second
  sentences_per_turn = var.voice.sentences_per_turn
  quotas             = var.voice.quotas
}

module "turn_queue" {
  source = "../turn-queue"

  name             = var.name
  tags             = var.tags
  kms_key_arn      = module.data_protection.keys.personal
  alarm_topic_arns = var.alarm_topic_arns
  max_concurrency  = var.turns.max_concurrency
  deadline_seconds = var.turns.deadline_seconds
  seconds_per_turn = var.turns.seconds_per_turn
  dead_letter_days = var.retention.dead_letter_days

  consumer_arn             = module.turn_handler.handlers.functions.worker.arn
  consumer_timeout_seconds = var.turns.timeout_seconds
}
