# Attributes are named as the outputs of the modules that they come from, so that settings takes those outputs whole.

variable "settings" {
  description = "What the functions need to know; they get it as environment variables, each only its own. memory, queue, guardrail, vectors and voice take those modules' outputs. model.id is an inference profile's ARN for engine bedrock and an endpoint's name for sagemaker. vectors and voice are null where features does not name them."
  type = object({
    memory = object({
      tables = object({
        memory      = object({ name = string })
        connections = object({ name = string })
        state       = object({ name = string })
      })
      retention_days = number
    })
    ticket_key_arn = string
    queue = object({
      url              = string
      deadline_seconds = number
    })
    erasure_queue        = object({ url = string })
    turns_per_minute     = optional(number, 20)
    connections_endpoint = string
    guardrail = object({
      id      = string
      version = string
    })
    model = object({
      engine = string
      id     = string
    })
    max_tokens = optional(number, 300)
    persona = object({
      prompt          = string
      disclosure      = optional(string, "I am an AI, not a person.")
      ai_word         = optional(string, "AI")
      crisis_referral = string
    })
    vectors = optional(object({
      endpoint           = string
      index_name         = string
      signing_service    = string
      dimension          = number
      normalise          = bool
      delete_by_query    = bool
      embedding_model_id = string
    }))
    voice = optional(object({
      voices       = map(object({ voice_id = string, engine = string }))
      vocabularies = map(object({ vocabulary = string, filter = string }))
    }))
  })
  nullable = false

  validation {
    condition     = alltrue([for table in values(var.settings.memory.tables) : can(regex("^[0-9A-Za-z_.-]{3,255}$", table.name))])
    error_message = "settings.memory.tables must hold names of DynamoDB tables, of 3 to 255 letters, digits, _, . or - (AWS API reference: CreateTable)."
  }

  validation {
    condition     = var.settings.memory.retention_days >= 1 && var.settings.memory.retention_days <= 365 && floor(var.settings.memory.retention_days) == var.settings.memory.retention_days
    error_message = "settings.memory.retention_days must be a whole number of days from 1 to 365."
  }

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9A-Za-z-]+$", var.settings.ticket_key_arn))
    error_message = "settings.ticket_key_arn must be the full ARN of the HMAC key, such as \"arn:aws:kms:eu-central-1:111122223333:key/…\"."
  }

  validation {
    condition     = can(regex("^https://.+\\.fifo$", var.settings.queue.url))
    error_message = "settings.queue.url must be the https:// URL of a FIFO queue, which ends in .fifo: only such a queue keeps the turns of a conversation in order."
  }

  validation {
    condition     = var.settings.queue.deadline_seconds >= 1 && var.settings.queue.deadline_seconds <= 30 && var.settings.queue.deadline_seconds < var.worker.timeout_seconds
    error_message = "settings.queue.deadline_seconds must be from 1 to 30 and below worker.timeout_seconds: a turn that waited longer is answered busy."
  }

  validation {
    condition     = can(regex("^https://", var.settings.erasure_queue.url))
    error_message = "settings.erasure_queue.url must be the https:// URL of the erasure queue."
  }

  validation {
    condition     = var.settings.turns_per_minute >= 1 && var.settings.turns_per_minute <= 60 && floor(var.settings.turns_per_minute) == var.settings.turns_per_minute
    error_message = "settings.turns_per_minute must be a whole number from 1 to 60: nobody writes faster, and one client must not take all workers."
  }

  validation {
    condition     = can(regex("^https://[0-9A-Za-z.-]+/[0-9A-Za-z_-]+$", var.settings.connections_endpoint))
    error_message = "settings.connections_endpoint must be the API's management endpoint with its stage, such as \"https://abcdef1234.execute-api.eu-central-1.amazonaws.com/live\"."
  }

  validation {
    condition     = can(regex("^[0-9a-z]+$", var.settings.guardrail.id))
    error_message = "settings.guardrail.id must be the id of a guardrail: lower-case letters and digits (AWS API reference: Converse, guardrailIdentifier)."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]{0,7}$", var.settings.guardrail.version))
    error_message = "settings.guardrail.version must be the number of a published version, such as \"1\"; DRAFT can change under the users who talk to it."
  }

  validation {
    condition     = contains(["bedrock", "sagemaker"], var.settings.model.engine)
    error_message = "settings.model.engine must be \"bedrock\" or \"sagemaker\": exactly one of them answers."
  }

  validation {
    condition     = var.settings.model.engine != "bedrock" || can(regex("^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:(application-)?inference-profile/[0-9A-Za-z.:_-]+$", var.settings.model.id))
    error_message = "settings.model.id must be the ARN of an inference profile for engine bedrock, such as \"arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/…\"."
  }

  validation {
    condition     = var.settings.model.engine != "sagemaker" || can(regex("^[0-9A-Za-z](-*[0-9A-Za-z]){0,62}$", var.settings.model.id))
    error_message = "settings.model.id must be the name of an endpoint for engine sagemaker, of at most 63 letters, digits and inner hyphens (AWS API reference: SageMaker CreateEndpoint)."
  }

  validation {
    condition     = var.settings.max_tokens >= 1 && var.settings.max_tokens <= 4096 && floor(var.settings.max_tokens) == var.settings.max_tokens
    error_message = "settings.max_tokens must be a whole number from 1 to 4096: Bedrock takes it off the quota when a turn begins, whether it is used or not."
  }

  # Lambda measures the environment in bytes; four characters of Base64 are three bytes.
  validation {
    condition     = trimspace(var.settings.persona.prompt) != "" && length(base64encode(var.settings.persona.prompt)) * 3 / 4 <= 2000
    error_message = "settings.persona.prompt must not be blank and must fit 2000 bytes: a function's environment takes 4 KB in all (AWS docs: Lambda quotas)."
  }

  validation {
    condition     = trimspace(var.settings.persona.ai_word) != "" && strcontains(var.settings.persona.disclosure, var.settings.persona.ai_word) && length(base64encode(var.settings.persona.disclosure)) * 3 / 4 <= 400
    error_message = "settings.persona.disclosure must say in at most 400 bytes that the companion is an AI: it must contain ai_word, \"AI\" unless your language has another word, such as \"KI\" or \"IA\"."
  }

  validation {
    condition     = can(regex("[0-9]{2,}|https://", var.settings.persona.crisis_referral)) && length(base64encode(var.settings.persona.crisis_referral)) * 3 / 4 <= 500
    error_message = "settings.persona.crisis_referral must name a number to call or an https:// address, such as \"call or text 988\", in at most 500 bytes."
  }

  validation {
    condition     = (var.settings.vectors != null) == contains(var.features, "vectors") && (var.settings.voice != null) == contains(var.features, "voice")
    error_message = "settings.vectors and settings.voice must be given where features names them, and only there."
  }

  validation {
    condition     = var.settings.vectors == null ? true : can(regex("^https://[0-9A-Za-z.-]+$", var.settings.vectors.endpoint))
    error_message = "settings.vectors.endpoint must be an https:// address without a path."
  }

  validation {
    condition     = var.settings.vectors == null ? true : contains(["aoss", "es"], var.settings.vectors.signing_service)
    error_message = "settings.vectors.signing_service must be \"es\" (a domain) or \"aoss\" (a serverless collection)."
  }

  validation {
    condition     = var.settings.vectors == null ? true : can(regex("^[a-z][a-z0-9_-]{0,63}$", var.settings.vectors.index_name)) && var.settings.vectors.dimension >= 2 && var.settings.vectors.dimension <= 16000 && floor(var.settings.vectors.dimension) == var.settings.vectors.dimension
    error_message = "settings.vectors must have the index_name and the dimension of modules/memory-vectors: 1 to 64 lower-case letters, digits, _ or -, and a whole number from 2 to 16000."
  }

  validation {
    condition     = var.settings.vectors == null ? true : can(regex("^[0-9a-z.:/-]+$", var.settings.vectors.embedding_model_id))
    error_message = "settings.vectors.embedding_model_id must be the id of an embedding model, such as \"amazon.titan-embed-text-v2:0\"."
  }

  validation {
    condition     = var.settings.voice == null ? true : length(var.settings.voice.voices) > 0 && alltrue([for voice in var.settings.voice.voices : contains(["generative", "long-form", "neural", "standard"], voice.engine) && can(regex("^[A-Z][A-Za-z]+$", voice.voice_id))])
    error_message = "settings.voice.voices must give each language a Polly voice and its engine (generative, long-form, neural or standard), such as { \"de-DE\" = { voice_id = \"Vicki\", engine = \"neural\" } }."
  }
}
