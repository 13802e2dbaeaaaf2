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

variable "region" {
  description = "The AWS region that the deployment lives in: the provider's."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, such as \"eu-central-1\"."
  }
}

variable "languages" {
  description = "What the companion speaks and understands, by language code: the Polly voice and its engine, phrases that Transcribe should expect (such as the companion's name), and words that it leaves out of a transcript."
  type = map(object({
    voice_id       = string
    engine         = optional(string, "neural")
    phrases        = optional(set(string), [])
    filtered_words = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition     = length(var.languages) >= 1
    error_message = "languages must hold at least one language: leave the module out for a companion without voice."
  }

  validation {
    condition     = alltrue([for code in keys(var.languages) : can(regex("^[a-z]{2,3}-[A-Z]{2}$", code))])
    error_message = "languages must be keyed by Transcribe's language codes, such as \"de-DE\" (AWS docs: Amazon Transcribe supported languages; choose one that it streams)."
  }

  validation {
    condition     = alltrue([for language in var.languages : can(regex("^[A-Z][a-z]+$", language.voice_id))])
    error_message = "languages must give each language the voice_id of a Polly voice, such as \"Vicki\" (AWS docs: Amazon Polly available voices): letters only, without accents, the first in upper case."
  }

  validation {
    condition     = alltrue([for language in var.languages : contains(keys(local.default_speech_quotas), language.engine)])
    error_message = "languages must give each language an engine of generative, long-form, neural or standard."
  }

  validation {
    condition     = alltrue(flatten([for language in var.languages : [for phrase in language.phrases : can(regex("^[^\\s,0-9]{1,256}$", phrase))]]))
    error_message = "languages must hold phrases of 1 to 256 characters with hyphens instead of spaces and numbers in words, such as \"Los-Angeles\", without commas or digits (AWS docs: Amazon Transcribe custom vocabularies, character sets)."
  }

  validation {
    condition     = alltrue(flatten([for language in var.languages : [for word in language.filtered_words : can(regex("^[^\\s,]{1,256}$", word))]]))
    error_message = "languages must hold filtered_words of one word each, 1 to 256 characters without spaces or commas (AWS docs: Amazon Transcribe, creating a vocabulary filter)."
  }

  validation {
    condition     = alltrue([for language in var.languages : length(language.phrases) <= 256 && length(language.filtered_words) <= 256])
    error_message = "languages must hold at most 256 phrases and 256 filtered_words each: the provider takes no longer list; keep the words that Transcribe gets wrong or must leave out."
  }

  # Four characters of base64 stand for three bytes; length() alone counts characters.
  validation {
    condition = alltrue(flatten([
      for language in var.languages : [for words in [language.phrases, language.filtered_words] : length(base64encode(join("\n", words))) * 3 / 4 <= 50 * 1024]
    ]))
    error_message = "languages must hold at most 50 KB of phrases and of filtered_words each (AWS docs: Amazon Transcribe custom vocabularies); shorten the list, small vocabularies work better."
  }
}

variable "turns_per_second" {
  description = "Spoken answers a second at the peak, over all languages."
  type        = number
  nullable    = false

  validation {
    condition     = var.turns_per_second > 0
    error_message = "turns_per_second must be above 0: the spoken answers a second at the peak, such as 2.5."
  }
}

variable "sentences_per_turn" {
  description = "Sentences of an answer, each of which is one request to Polly, so that the first is heard while the others are made."
  type        = number
  nullable    = false
  default     = 3

  validation {
    condition     = var.sentences_per_turn >= 1 && floor(var.sentences_per_turn) == var.sentences_per_turn
    error_message = "sentences_per_turn must be a whole number of 1 or more."
  }

  validation {
    condition = alltrue([
      for engine in local.engines : var.turns_per_second * var.sentences_per_turn <= lookup(local.speech_quotas, engine, 0)
      if contains(keys(local.default_speech_quotas), engine)
    ])
    error_message = "sentences_per_turn times turns_per_second must not exceed the quota of each engine in use, by default 8 requests a second, and 80 for standard (AWS docs: quotas in Amazon Polly): users would hear silence. Ask for a higher quota and give it in quotas, or plan for fewer turns."
  }
}

variable "quotas" {
  description = "The account's quotas where they differ from AWS's defaults: Polly requests a second by engine, and Transcribe streams at once."
  type = object({
    speech_requests_per_second = optional(map(number), {})
    transcription_streams      = optional(number, 25)
  })
  nullable = false
  default  = {}

  validation {
    condition     = alltrue([for engine, quota in var.quotas.speech_requests_per_second : contains(keys(local.default_speech_quotas), engine) && quota >= 1])
    error_message = "quotas.speech_requests_per_second must map generative, long-form, neural or standard to a quota of 1 or more."
  }

  validation {
    condition     = var.quotas.transcription_streams >= 1 && floor(var.quotas.transcription_streams) == var.quotas.transcription_streams
    error_message = "quotas.transcription_streams must be a whole number of 1 or more."
  }
}
