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

variable "kms_key_arn" {
  description = "ARN of the customer-managed KMS key that encrypts what this module stores."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9A-Za-z-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the full ARN of a key, such as \"arn:aws:kms:eu-central-1:111122223333:key/…\"; give the key's ARN instead of a key id or an alias."
  }
}

variable "blocked_input_message" {
  description = "What the user reads when their message is refused; crisis_referral is added to it."
  type        = string
  nullable    = false
  default     = "I can't talk about that."

  validation {
    condition     = trimspace(var.blocked_input_message) != ""
    error_message = "blocked_input_message must not be blank: write what the companion answers to a refused message."
  }
}

variable "blocked_output_message" {
  description = "What the user reads in place of a refused answer; crisis_referral is added to it."
  type        = string
  nullable    = false
  default     = "I would rather not answer that."

  validation {
    condition     = trimspace(var.blocked_output_message) != ""
    error_message = "blocked_output_message must not be blank: write what the companion says in place of a refused answer."
  }
}

variable "crisis_referral" {
  description = "Where a user in crisis finds help; ends every blocked message. Write it in the user's language and for the user's country."
  type        = string
  nullable    = false
  default     = "If you are thinking about hurting yourself, you are not alone: call or text 988 (US and Canada), or your local emergency number."

  validation {
    condition     = can(regex("[0-9]{2,}|https://", var.crisis_referral))
    error_message = "crisis_referral must name a number to call or an https:// address, such as \"call or text 988\"."
  }

  validation {
    condition = alltrue([
      for message in [var.blocked_input_message, var.blocked_output_message] : length("${message} ${var.crisis_referral}") <= 500
    ])
    error_message = "crisis_referral and a blocked message together must not exceed 500 characters (AWS API reference: CreateGuardrail, blockedInputMessaging); shorten one of them."
  }
}

variable "denied_topics" {
  description = "Topics to refuse besides self-harm, by name. Self-harm is always refused."
  type = map(object({
    definition = string
    examples   = list(string)
  }))
  nullable = false
  default  = {}

  validation {
    condition     = length(var.denied_topics) <= 29
    error_message = "denied_topics must hold at most 29 topics: a guardrail takes 30 (AWS docs: Amazon Bedrock quotas), and self-harm is one of them."
  }

  validation {
    condition     = alltrue([for name, topic in var.denied_topics : can(regex("^[0-9A-Za-z !?._-]{1,100}$", name)) && lower(name) != "self-harm"])
    error_message = "denied_topics must be keyed by names of 1 to 100 letters, digits, spaces or !?._- ; \"self-harm\" is already there and cannot be replaced."
  }

  validation {
    condition     = alltrue([for topic in var.denied_topics : trimspace(topic.definition) != "" && length(topic.definition) <= 200])
    error_message = "denied_topics must define each topic in 1 to 200 characters; move what is longer into examples."
  }

  validation {
    condition = alltrue([
      for topic in var.denied_topics : length(topic.examples) >= 1 && length(topic.examples) <= 5
      && alltrue([for example in topic.examples : trimspace(example) != "" && length(example) <= 100])
    ])
    error_message = "denied_topics must give 1 to 5 examples for each topic, each of 1 to 100 characters (AWS API reference: GuardrailTopicConfig)."
  }
}

variable "blocked_words" {
  description = "Words and short phrases to refuse, besides AWS's list of profanity."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = length(var.blocked_words) <= 10000
    error_message = "blocked_words must hold at most 10000 entries (AWS docs: Amazon Bedrock quotas); use denied_topics for a subject."
  }

  validation {
    condition     = alltrue([for word in var.blocked_words : trimspace(word) != "" && length(word) <= 100])
    error_message = "blocked_words must hold entries of 1 to 100 characters (AWS API reference: GuardrailWordConfig)."
  }
}

variable "contextual_grounding" {
  description = "Score under which an answer is refused as not grounded in, or not relevant to, the recalled memories: 0 to 0.99. Used only for calls that pass a grounding source."
  type = object({
    grounding = number
    relevance = number
  })
  nullable = false
  default = {
    grounding = 0.7
    relevance = 0.5
  }

  validation {
    condition     = alltrue([for score in values(var.contextual_grounding) : score >= 0 && score <= 0.99])
    error_message = "contextual_grounding must hold thresholds from 0 to 0.99: at 1 every answer is refused, and the API takes none."
  }
}

variable "pii_entities" {
  description = "Action by type of personal data: adds types, or raises EMAIL, PHONE, ADDRESS and IP_ADDRESS from ANONYMIZE to BLOCK. Payment data and credentials are always blocked. NAME is left out on purpose: a companion knows its user's name."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for action in values(var.pii_entities) : contains(["ANONYMIZE", "BLOCK"], action)])
    error_message = "pii_entities must map each type to ANONYMIZE or BLOCK."
  }

  validation {
    condition     = alltrue([for type in keys(var.pii_entities) : !contains(local.pii_always_blocked, type)])
    error_message = "pii_entities must not name payment data or credentials: they are always blocked; leave them out."
  }
}

variable "regexes" {
  description = "Patterns of the product's own identifiers, by name."
  type = map(object({
    description = string
    pattern     = string
    action      = string
  }))
  nullable = false
  default  = {}

  validation {
    condition     = length(var.regexes) <= 10
    error_message = "regexes must hold at most 10 patterns (AWS docs: Amazon Bedrock quotas); join patterns with |."
  }

  validation {
    condition     = alltrue([for name in keys(var.regexes) : trimspace(name) != "" && length(name) <= 100])
    error_message = "regexes must be keyed by names of 1 to 100 characters (AWS API reference: GuardrailRegexConfig)."
  }

  validation {
    condition     = alltrue([for regex in var.regexes : trimspace(regex.description) != "" && length(regex.description) <= 1000])
    error_message = "regexes must describe each pattern in 1 to 1000 characters: provider 5.100 cannot apply a pattern without description."
  }

  validation {
    condition     = alltrue([for regex in var.regexes : regex.pattern != "" && length(regex.pattern) <= 500 && !can(regex("\\(\\?<?[=!]", regex.pattern))])
    error_message = "regexes must hold patterns of 1 to 500 characters without look-around: Bedrock takes no (?=, (?!, (?<= or (?<!."
  }

  validation {
    condition     = alltrue([for regex in var.regexes : contains(["ANONYMIZE", "BLOCK"], regex.action)])
    error_message = "regexes must give each pattern the action ANONYMIZE or BLOCK."
  }
}

variable "model_arns" {
  description = "Foundation models and inference profiles that grants.enforced_invoke allows, with this guardrail's pinned version only. Empty: that grant only denies calls without it."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for arn in var.model_arns : can(regex("^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]*:(foundation-model|inference-profile|application-inference-profile)/[0-9A-Za-z.:_-]+$", arn))])
    error_message = "model_arns must hold full ARNs of Bedrock models or inference profiles, without wildcard, such as \"arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0\"."
  }
}
