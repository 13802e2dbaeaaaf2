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

variable "retention_days" {
  description = "Days that a memory lives: writers set expires_at to now plus this, in epoch seconds."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 365 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 1 to 365: a companion that never forgets is a privacy risk."
  }
}

variable "pitr_days" {
  description = "Days that point-in-time recovery reaches back. An erased memory can be restored for that long, so it is the erasure window to promise."
  type        = number
  nullable    = false
  default     = 7

  validation {
    condition     = var.pitr_days >= 1 && var.pitr_days <= 35 && floor(var.pitr_days) == var.pitr_days
    error_message = "pitr_days must be a whole number from 1 to 35 (AWS API reference: PointInTimeRecoverySpecification)."
  }
}

variable "max_request_units" {
  description = "Ceiling on request units per second of each table and index, against a bill out of hand. null: no ceiling but the account's quota."
  type = object({
    read  = number
    write = number
  })
  nullable = true
  default  = null

  validation {
    condition = var.max_request_units == null ? true : alltrue([
      for units in values(var.max_request_units) : units >= 1 && units <= 40000 && floor(units) == units
    ])
    error_message = "max_request_units must hold whole numbers from 1 to 40000, the default quota of a table (AWS docs: DynamoDB quotas); leave it out for no ceiling."
  }
}

variable "break_glass_reason" {
  description = "Lifts deletion protection from the tables. Empty: protected. Otherwise the reason, which the output memory shows; take it out again in the next change."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.break_glass_reason == "" || length(trimspace(var.break_glass_reason)) >= 20
    error_message = "break_glass_reason must say in 20 characters or more why the tables may be deleted, with the ticket; leave it out to keep them protected."
  }
}
