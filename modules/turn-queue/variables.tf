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

variable "consumer_arn" {
  description = "ARN of the function that takes the turns, or of its alias."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[0-9A-Za-z_-]{1,64}(:[0-9A-Za-z_-]+)?$", var.consumer_arn))
    error_message = "consumer_arn must be the ARN of a function or of its alias, such as \"arn:aws:lambda:eu-central-1:111122223333:function:companion-prod-worker\"; give the ARN instead of a name."
  }

  validation {
    condition     = try(split(":", var.consumer_arn)[3] == split(":", var.kms_key_arn)[3], true)
    error_message = "consumer_arn must name a function in the region of kms_key_arn: Lambda reads no queue of another region (AWS docs: Lambda, SQS event source mapping)."
  }
}

variable "consumer_timeout_seconds" {
  description = "Timeout of that function. Apart from consumer_arn, because the queue must exist before the function that is told of it."
  type        = number
  nullable    = false

  validation {
    condition     = var.consumer_timeout_seconds >= 1 && var.consumer_timeout_seconds <= 900 && floor(var.consumer_timeout_seconds) == var.consumer_timeout_seconds
    error_message = "consumer_timeout_seconds must be a whole number from 1 to 900 (AWS docs: Lambda quotas): the timeout that the function has."
  }
}

variable "max_concurrency" {
  description = "Turns that are served at once. A function with reserved concurrency needs at least this much of it."
  type        = number
  nullable    = false
  default     = 50

  validation {
    condition     = var.max_concurrency >= 2 && var.max_concurrency <= 1000 && floor(var.max_concurrency) == var.max_concurrency
    error_message = "max_concurrency must be a whole number from 2 to 1000 (AWS API reference: Lambda ScalingConfig)."
  }
}

variable "seconds_per_turn" {
  description = "Seconds that a turn takes on average, from a load test: what the rates in capacity_contract and the backlog alarm rest on."
  type        = number
  nullable    = false
  default     = 3

  validation {
    condition     = var.seconds_per_turn > 0 && var.seconds_per_turn <= var.consumer_timeout_seconds
    error_message = "seconds_per_turn must be above 0 and at most consumer_timeout_seconds, which ends a turn; measure it."
  }
}

variable "deadline_seconds" {
  description = "Age at which a turn that has not started is answered with busy instead. Without it, a spike of ten minutes makes users wait for more than ten minutes."
  type        = number
  nullable    = false
  default     = 4

  validation {
    condition     = var.deadline_seconds >= 1 && var.deadline_seconds <= 60 && floor(var.deadline_seconds) == var.deadline_seconds
    error_message = "deadline_seconds must be a whole number from 1 to 60: who waits longer for an answer has left."
  }

  validation {
    condition     = var.deadline_seconds < 6 * var.consumer_timeout_seconds
    error_message = "deadline_seconds must be below the visibility timeout, 6 × consumer_timeout_seconds, so that a turn that comes back is late, and never answered twice."
  }
}

variable "max_receives" {
  description = "Times that a turn is tried before it goes to the dead letter queue. At the second time it is late, and its user is at least told so."
  type        = number
  nullable    = false
  default     = 2

  validation {
    condition     = var.max_receives >= 1 && var.max_receives <= 10 && floor(var.max_receives) == var.max_receives
    error_message = "max_receives must be a whole number from 1 to 10: a failed turn holds up its conversation until it is given up."
  }
}

variable "retention_seconds" {
  description = "Seconds that a turn stays in the queue at the most."
  type        = number
  nullable    = false
  default     = 600

  validation {
    condition     = var.retention_seconds >= 60 && var.retention_seconds <= 600 && floor(var.retention_seconds) == var.retention_seconds
    error_message = "retention_seconds must be a whole number from 60, the least that SQS knows, to 600: nobody waits for the answer to an older turn."
  }

  validation {
    condition     = var.retention_seconds > var.deadline_seconds + var.max_receives * 6 * var.consumer_timeout_seconds
    error_message = "retention_seconds must exceed deadline_seconds + max_receives × 6 × consumer_timeout_seconds, or SQS deletes a failed turn before it reaches the dead letter queue, and nobody hears of it; raise retention_seconds, or lower max_receives or consumer_timeout_seconds."
  }
}

variable "dead_letter_days" {
  description = "Days that a failed turn, with the user's words, is kept for inspection. Erasing a user does not reach it."
  type        = number
  nullable    = false
  default     = 4

  validation {
    condition     = var.dead_letter_days >= 1 && var.dead_letter_days <= 14 && floor(var.dead_letter_days) == var.dead_letter_days
    error_message = "dead_letter_days must be a whole number from 1 to 14, the most that SQS keeps (AWS API reference: SQS SetQueueAttributes)."
  }
}
