# One entry for each function: what it is, and the environment that it gets. A feature that is null leaves no trace in it.

locals {
  # To delete vectors, which needs no embedding.
  vectors_environment = merge([for vectors in var.settings.vectors[*] : {
    VECTORS_ENDPOINT        = vectors.endpoint
    VECTORS_INDEX           = vectors.index_name
    VECTORS_SERVICE         = vectors.signing_service
    VECTORS_DELETE_BY_QUERY = tostring(vectors.delete_by_query)
  }]...)
  embedding_environment = merge([for vectors in var.settings.vectors[*] : {
    EMBEDDING_MODEL_ID = vectors.embedding_model_id
    VECTORS_DIMENSION  = tostring(vectors.dimension)
    VECTORS_NORMALISE  = tostring(vectors.normalise)
  }]...)

  speech_environment  = merge([for voice in var.settings.voice[*] : { VOICES = jsonencode(voice.voices) }]...)
  hearing_environment = merge([for voice in var.settings.voice[*] : { VOCABULARIES = jsonencode(voice.vocabularies) }]...)

  # The engine is written in the configuration, so that the names of variables are known before the model exists.
  model_environment = {
    (var.settings.model.engine == "bedrock" ? "MODEL_ID" : "ENDPOINT_NAME") = var.settings.model.id
  }

  # Timeouts are what all calls of a function can take together, each with its own timeout and retries.
  # 512 MiB where a user waits: an execution environment starts sooner with more CPU, which comes with memory.
  all_functions = {
    authorizer = {
      description     = "Lets a client with a valid, unused ticket connect"
      memory_mb       = 512
      timeout_seconds = 10
      in_network      = false
      environment = {
        STATE_TABLE    = var.settings.memory.tables.state.name
        TICKET_KEY_ARN = var.settings.ticket_key_arn
      }
    }
    connection = {
      description     = "Keeps the register of open connections"
      memory_mb       = 512
      timeout_seconds = 5
      in_network      = false
      environment     = { CONNECTIONS_TABLE = var.settings.memory.tables.connections.name }
    }
    ingest = {
      description     = "Checks a message, and queues it or says that the companion is busy"
      memory_mb       = 512
      timeout_seconds = 20
      in_network      = false
      environment = {
        COMPANION            = var.name
        STATE_TABLE          = var.settings.memory.tables.state.name
        TURN_QUEUE_URL       = var.settings.queue.url
        ERASURE_QUEUE_URL    = var.settings.erasure_queue.url
        TURNS_PER_MINUTE     = tostring(var.settings.turns_per_minute)
        CONNECTIONS_ENDPOINT = var.settings.connections_endpoint
      }
    }
    worker = {
      description     = "Answers a turn: recalls, asks the model under the guardrail, sends, remembers"
      memory_mb       = var.worker.memory_mb
      timeout_seconds = var.worker.timeout_seconds
      in_network      = true
      environment = merge(
        {
          COMPANION            = var.name
          MEMORY_TABLE         = var.settings.memory.tables.memory.name
          CONNECTIONS_TABLE    = var.settings.memory.tables.connections.name
          STATE_TABLE          = var.settings.memory.tables.state.name
          RETENTION_DAYS       = tostring(var.settings.memory.retention_days)
          DEADLINE_SECONDS     = tostring(var.settings.queue.deadline_seconds)
          CONNECTIONS_ENDPOINT = var.settings.connections_endpoint
          GUARDRAIL_ID         = var.settings.guardrail.id
          GUARDRAIL_VERSION    = var.settings.guardrail.version
          MAX_TOKENS           = tostring(var.settings.max_tokens)
          PERSONA              = var.settings.persona.prompt
          DISCLOSURE           = var.settings.persona.disclosure
          CRISIS_REFERRAL      = var.settings.persona.crisis_referral
        },
        local.model_environment,
        local.vectors_environment,
        local.embedding_environment,
        local.speech_environment,
      )
    }
    erase = {
      description     = "Deletes everything that is known of one user, and checks that nothing is left"
      memory_mb       = 512
      timeout_seconds = 300
      in_network      = true
      environment = merge(
        {
          MEMORY_TABLE         = var.settings.memory.tables.memory.name
          CONNECTIONS_TABLE    = var.settings.memory.tables.connections.name
          STATE_TABLE          = var.settings.memory.tables.state.name
          CONNECTIONS_ENDPOINT = var.settings.connections_endpoint
        },
        local.vectors_environment,
      )
    }
    forget = {
      description     = "Deletes the vectors of memories that expired or were erased"
      memory_mb       = 256
      timeout_seconds = 60
      in_network      = true
      environment     = local.vectors_environment
    }
    listen = {
      description     = "Hands a client the address that it sends its user's speech to"
      memory_mb       = 512
      timeout_seconds = 10
      in_network      = false
      environment     = merge({ CONNECTIONS_ENDPOINT = var.settings.connections_endpoint }, local.hearing_environment)
    }
  }

  # From features alone: roles must be nameable by the stores that settings tells of.
  function_names = {
    for key in concat(
      ["authorizer", "connection", "erase", "ingest", "worker"],
      contains(var.features, "vectors") ? ["forget"] : [],
      contains(var.features, "voice") ? ["listen"] : [],
    ) : key => "${var.name}-${key}"
  }
  functions = { for key, _ in local.function_names : key => local.all_functions[key] }

  # Users wait while these are throttled.
  waited_for = ["authorizer", "ingest", "worker"]
  # An error in these breaks the promise to forget, so a single one is reported.
  forgetting = ["erase", "forget"]
}
