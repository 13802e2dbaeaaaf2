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

variable "persona" {
  description = "Who the companion is: its system prompt, what it says of itself at the start and every three hours (it must contain ai_word, \"AI\" unless your language has another word), and where a user in crisis finds help."
  type = object({
    prompt          = string
    disclosure      = string
    ai_word         = optional(string, "AI")
    crisis_referral = string
  })
  nullable = false
}

variable "inference" {
  description = "What answers. Exactly one of bedrock (a foundation model; geography \"eu\" or \"us\" for a cross-region profile, and the regions that it may use) and sagemaker (your own model; see modules/inference-endpoint)."
  type = object({
    max_tokens = optional(number, 300)
    bedrock = optional(object({
      model_id  = string
      geography = optional(string)
      regions   = set(string)
    }))
    sagemaker = optional(object({
      model = object({
        image           = string
        artifact_s3_uri = string
        environment     = optional(map(string), {})
      })
      instance = object({
        type                = string
        volume_gib          = optional(number, 64)
        startup_seconds     = optional(number, 600)
        concurrent_requests = number
        seconds_per_request = number
      })
      scaling = object({
        min    = number
        max    = number
        quota  = number
        target = number
      })
    }))
  })
  nullable = false

  validation {
    condition     = (var.inference.bedrock == null) != (var.inference.sagemaker == null)
    error_message = "inference must hold exactly one of bedrock and sagemaker: bedrock = { model_id = \"amazon.nova-micro-v1:0\", regions = [\"eu-central-1\"] }, or sagemaker = { model, instance, scaling }."
  }
}

variable "turns" {
  description = "How much the companion takes on: turns at once, seconds that a turn takes (measure it), seconds after which a turn is answered busy instead of late, and turns a minute of one user."
  type = object({
    max_concurrency  = optional(number, 50)
    seconds_per_turn = optional(number, 3)
    deadline_seconds = optional(number, 4)
    timeout_seconds  = optional(number, 30)
    per_minute       = optional(number, 20)
  })
  nullable = false
  default  = {}

  validation {
    condition     = var.inference.sagemaker == null ? true : var.turns.max_concurrency <= var.inference.sagemaker.scaling.max * var.inference.sagemaker.instance.concurrent_requests
    error_message = "turns.max_concurrency must not exceed what the largest fleet serves at once, scaling.max × instance.concurrent_requests: raise one of them or lower max_concurrency."
  }
}

variable "moderation" {
  description = "What the guardrail refuses besides its presets; see modules/moderation. No input weakens a preset."
  type = object({
    blocked_input_message  = optional(string, "I can't talk about that.")
    blocked_output_message = optional(string, "I would rather not answer that.")
    denied_topics = optional(map(object({
      definition = string
      examples   = list(string)
    })), {})
    blocked_words = optional(set(string), [])
    pii_entities  = optional(map(string), {})
  })
  nullable = false
  default  = {}
}

variable "retention" {
  description = "Days that memories live, that they can be restored, that logs are kept, and that failed messages wait for an engineer."
  type = object({
    memory_days      = optional(number, 90)
    pitr_days        = optional(number, 7)
    log_days         = optional(number, 30)
    dead_letter_days = optional(number, 4)
  })
  nullable = false
  default  = {}
}

variable "network" {
  description = "Your VPC: private subnets in different zones, and security groups that let the functions reach HTTPS. Needed with vectors and with inference.sagemaker; null otherwise."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  nullable = true
  default  = null

  validation {
    condition     = var.network != null || (var.vectors == null && var.inference.sagemaker == null)
    error_message = "network must be given with vectors and with inference.sagemaker, which are reachable in a VPC only: network = { vpc_id, subnet_ids, security_group_ids }."
  }
}

variable "vectors" {
  description = "Recall of old memories by meaning, in OpenSearch; see modules/memory-vectors. null: the companion recalls the last turns only."
  type = object({
    engine             = string
    admin_role_arn     = string
    embedding_model_id = optional(string, "amazon.titan-embed-text-v2:0")
    dimension          = optional(number, 1024)
    domain = optional(object({
      instance_type      = string
      instance_count     = number
      availability_zones = number
      volume_gib         = number
    }))
  })
  nullable = true
  default  = null
}

variable "voice" {
  description = "Languages that the companion speaks and hears, by code; see modules/voice. null: text only."
  type = object({
    languages = map(object({
      voice_id       = string
      engine         = optional(string, "neural")
      phrases        = optional(set(string), [])
      filtered_words = optional(set(string), [])
    }))
    sentences_per_turn = optional(number, 3)
    # The account's own, where AWS has raised them.
    quotas = optional(object({
      speech_requests_per_second = optional(map(number), {})
      transcription_streams      = optional(number, 25)
    }), {})
  })
  nullable = true
  default  = null
}

variable "edge" {
  description = "How clients reach the companion: new connections a second, and CloudFront in front of the API under a domain of yours (certificate and web ACL in us-east-1). cdn null: the API's own address."
  type = object({
    connections_per_second = optional(number, 100)
    cdn = optional(object({
      aliases         = set(string)
      certificate_arn = string
      web_acl_arn     = string
    }))
  })
  nullable = false
  default  = {}
}

variable "break_glass_reason" {
  description = "Lifts deletion protection from the memory tables. Empty: protected. Otherwise the reason, which the output companion shows; take it out again in the next change."
  type        = string
  nullable    = false
  default     = ""
}
