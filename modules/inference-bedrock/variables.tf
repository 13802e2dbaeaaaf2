variable "name" {
  description = "Name of the deployment; prefix of every resource name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])+$", var.name)) && length(var.name) >= 3 && length(var.name) <= 24
    error_message = "name must be 3 to 24 characters: lower-case letters, digits and single inner hyphens, beginning with a letter, such as \"companion-prod\"."
  }
}

variable "tags" {
  description = "Tags for every resource that takes tags."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "account_id" {
  description = "The AWS account that the deployment lives in, 12 digits."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of the account, as a string, such as \"111122223333\"."
  }
}

variable "region" {
  description = "The AWS region that the deployment lives in: the provider's."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, such as \"eu-central-1\"."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics that every alarm notifies, 1 to 5 (AWS docs: CloudWatch service quotas, actions per alarm)."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.alarm_topic_arns) >= 1 && length(var.alarm_topic_arns) <= 5
    error_message = "alarm_topic_arns must hold 1 to 5 SNS topics: an alarm that nobody hears is no alarm."
  }

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[0-9A-Za-z_-]+$", arn))])
    error_message = "alarm_topic_arns must hold ARNs of SNS topics, such as \"arn:aws:sns:eu-central-1:111122223333:alarms\"."
  }
}

variable "guardrail" {
  description = "The guardrail that every call of a model must name: its ARN, and the ARN with its numbered version, as modules/moderation outputs them."
  type = object({
    arn           = string
    versioned_arn = string
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:bedrock:${var.region}:${var.account_id}:guardrail/[a-z0-9]+$", var.guardrail.arn))
    error_message = "guardrail.arn must be the full ARN, without version, of a guardrail of this account and region, such as \"arn:aws:bedrock:eu-central-1:111122223333:guardrail/abcdef123456\"."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*$", trimprefix(var.guardrail.versioned_arn, "${var.guardrail.arn}:")))
    error_message = "guardrail.versioned_arn must be guardrail.arn, a colon and a version's number, such as \"….:guardrail/abcdef123456:3\"; DRAFT is no version, anybody can edit it while it is served: publish one."
  }
}

variable "models" {
  description = "The models to talk to, by a name of your own; empty where another module answers, and every call of a model is denied. Without geography, regions is the deployment's region alone. With one, Bedrock routes calls within that geography, and regions holds all regions of its inference profile for this model, as \"aws bedrock get-inference-profile\" lists them. Empty: every call is denied, for a companion with a model of its own."
  type = map(object({
    model_id  = string
    geography = optional(string)
    regions   = set(string)
  }))
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.models) : can(regex("^[a-z](-?[a-z0-9])+$", key)) && length(key) <= 24])
    error_message = "models must be keyed by names of 2 to 24 lower-case letters, digits and single inner hyphens, such as \"chat\": an inference profile's name takes 64 characters (AWS API reference: CreateInferenceProfile)."
  }

  validation {
    condition     = alltrue([for model in var.models : can(regex("^[a-z0-9-]+\\.[a-z0-9][a-z0-9.:-]+$", model.model_id)) && !can(regex("^(${join("|", local.profile_prefixes)})\\.", model.model_id))])
    error_message = "models must name foundation models by id, such as \"amazon.nova-lite-v1:0\"; of a cross-region profile's id, \"eu.amazon.nova-lite-v1:0\", the prefix goes into geography."
  }

  validation {
    condition     = alltrue([for model in var.models : !can(regex("(^|[.-])(embed|embeddings|rerank|sonic)([.-]|$)", model.model_id))])
    error_message = "models must not name embedding, reranking or speech models: a guardrail cannot check them (AWS docs: supported models for Amazon Bedrock Guardrails); an embedding model goes into embedding_model_id."
  }

  validation {
    condition     = alltrue([for model in var.models : contains(keys(local.geographies), model.geography) if model.geography != null])
    error_message = "models must name a geography of apac, au, eu, jp, us or us-gov, or none; \"global\" would let a conversation leave every geography."
  }

  validation {
    condition     = alltrue([for model in var.models : model.regions == toset([var.region]) if model.geography == null])
    error_message = "models must have regions of exactly [region] where geography is not given: without cross-region inference the model is called in the deployment's region alone."
  }

  validation {
    condition = alltrue([
      for model in var.models : length(model.regions) >= 2 && contains(model.regions, var.region)
      && alltrue([for region in model.regions : can(regex(local.geographies[model.geography], region))])
      if try(contains(keys(local.geographies), model.geography), false)
    ])
    error_message = "models must have regions of their geography only, at least two, the deployment's region among them: conversations would be processed where nobody agreed to."
  }
}

variable "embedding_model_id" {
  description = "The model that turns memories into vectors, called in the deployment's region; null: none. It takes no guardrail, and is the only model that can be called without."
  type        = string
  nullable    = true
  default     = null

  validation {
    condition     = var.embedding_model_id == null || can(regex("^(amazon\\.titan-embed-|amazon\\.nova-[0-9]+-multimodal-embeddings-|cohere\\.embed-)[a-z0-9.:-]+$", var.embedding_model_id))
    error_message = "embedding_model_id must be the id of an embedding model, such as \"amazon.titan-embed-text-v2:0\": whatever is named here can be called without a guardrail."
  }
}

variable "latency_alarm_ms" {
  description = "Time to a whole answer, 95th percentile in milliseconds, that raises the alarm."
  type        = number
  nullable    = false
  default     = 15000

  validation {
    condition     = var.latency_alarm_ms >= 100 && var.latency_alarm_ms <= 60000
    error_message = "latency_alarm_ms must be from 100 to 60000: nobody waits a minute for a companion."
  }
}
