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

variable "retention" {
  description = "Days that personal data is kept: memories, point-in-time recovery of the tables, logs, and turns that failed. The other modules are given these numbers."
  type = object({
    memory_days      = number
    pitr_days        = number
    log_days         = number
    dead_letter_days = number
  })
  nullable = false
  default = {
    memory_days      = 90
    pitr_days        = 7
    log_days         = 30
    dead_letter_days = 4
  }

  validation {
    condition     = var.retention.memory_days >= 1 && var.retention.memory_days <= 365 && floor(var.retention.memory_days) == var.retention.memory_days
    error_message = "retention.memory_days must be a whole number from 1 to 365: a companion that never forgets is a privacy risk."
  }

  validation {
    condition     = var.retention.pitr_days >= 1 && var.retention.pitr_days <= 35 && floor(var.retention.pitr_days) == var.retention.pitr_days
    error_message = "retention.pitr_days must be a whole number from 1 to 35 (AWS API reference: PointInTimeRecoverySpecification)."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.retention.log_days)
    error_message = "retention.log_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365: CloudWatch Logs knows only these steps, and 0 would keep logs for ever."
  }

  validation {
    condition     = var.retention.dead_letter_days >= 1 && var.retention.dead_letter_days <= 14 && floor(var.retention.dead_letter_days) == var.retention.dead_letter_days
    error_message = "retention.dead_letter_days must be a whole number from 1 to 14, the most that SQS keeps (AWS API reference: SQS SetQueueAttributes)."
  }

  validation {
    condition     = max(var.retention.pitr_days, var.retention.log_days, var.retention.dead_letter_days) <= var.retention.memory_days
    error_message = "retention must keep no copy for longer than the memory: lower pitr_days, log_days or dead_letter_days to memory_days or less, or raise memory_days."
  }
}

variable "eraser_arn" {
  description = "ARN of the function that erases a user, or of its alias."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[0-9A-Za-z_-]{1,64}(:[0-9A-Za-z_-]+)?$", var.eraser_arn))
    error_message = "eraser_arn must be the ARN of a function or of its alias, such as \"arn:aws:lambda:eu-central-1:111122223333:function:companion-prod-erase\"; give the ARN instead of a name."
  }

  validation {
    condition     = try(slice(split(":", var.eraser_arn), 3, 5) == tolist([var.region, var.account_id]), true)
    error_message = "eraser_arn must name a function in region and account_id, where the queue is; correct whichever is wrong."
  }
}

variable "eraser_timeout_seconds" {
  description = "Timeout of that function. Apart from eraser_arn, because the queue must exist before the function that is told of it."
  type        = number
  nullable    = false

  validation {
    condition     = var.eraser_timeout_seconds >= 1 && var.eraser_timeout_seconds <= 900 && floor(var.eraser_timeout_seconds) == var.eraser_timeout_seconds
    error_message = "eraser_timeout_seconds must be a whole number from 1 to 900 (AWS docs: Lambda quotas): the timeout that the function has."
  }
}

variable "vector_expiry" {
  description = "The memory table's stream, and the function that deletes the vectors of what it says was removed. null: there are no vectors."
  type = object({
    stream_arn   = string
    function_arn = string
  })
  nullable = true
  default  = null

  validation {
    condition     = var.vector_expiry == null ? true : can(regex("^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[0-9A-Za-z_.-]+/stream/[0-9T:.-]+$", var.vector_expiry.stream_arn))
    error_message = "vector_expiry.stream_arn must be the ARN of a table's stream, such as \"arn:aws:dynamodb:eu-central-1:111122223333:table/companion-prod-memory/stream/2026-01-01T00:00:00.000\"; give the stream's ARN instead of the table's."
  }

  validation {
    condition     = var.vector_expiry == null ? true : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[0-9A-Za-z_-]{1,64}(:[0-9A-Za-z_-]+)?$", var.vector_expiry.function_arn))
    error_message = "vector_expiry.function_arn must be the ARN of a function or of its alias, such as \"arn:aws:lambda:eu-central-1:111122223333:function:companion-prod-forget\"; give the ARN instead of a name."
  }

  validation {
    condition = var.vector_expiry == null ? true : alltrue([
      for arn in values(var.vector_expiry) : try(slice(split(":", arn), 3, 5) == tolist([var.region, var.account_id]), true)
    ])
    error_message = "vector_expiry must name a stream and a function in region and account_id: Lambda reads no stream of another region; correct whichever is wrong."
  }
}
