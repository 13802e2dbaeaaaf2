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

variable "log_retention_days" {
  description = "Days that logs are kept. Logs can hold words of a conversation, so they never outlive a year."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365: CloudWatch Logs knows only these steps, and 0 would keep logs for ever."
  }
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

variable "features" {
  description = "What is on besides text: \"vectors\" (recall by meaning, and the function forget), \"voice\" (and the function listen). Apart from settings, because a vector store names the roles of the functions that are told of it."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = length(setsubtract(var.features, ["vectors", "voice"])) == 0
    error_message = "features must hold nothing but \"vectors\" and \"voice\"; leave it out for text alone."
  }
}

variable "grants" {
  description = "What each function may do, by function: the statements of other modules' grants, concatenated. Every function that exists has an entry; a role holds these statements and what Lambda itself needs, and nothing else."
  type = map(list(object({
    sid           = string
    effect        = string
    actions       = list(string)
    resources     = optional(list(string), [])
    not_resources = optional(list(string), [])
    conditions    = optional(map(map(list(string))), {})
  })))
  nullable = false

  validation {
    condition     = toset(keys(var.grants)) == toset(keys(local.function_names))
    error_message = "grants must have one entry for each function, and no other: ${join(", ", sort(keys(local.function_names)))}."
  }

  validation {
    condition     = alltrue([for statements in var.grants : alltrue([for statement in statements : contains(["Allow", "Deny"], statement.effect)])])
    error_message = "grants must hold statements whose effect is \"Allow\" or \"Deny\"."
  }

  validation {
    condition     = alltrue([for statements in var.grants : alltrue([for statement in statements : length(statement.actions) > 0 && alltrue([for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])])])
    error_message = "grants must name each action in full, such as \"dynamodb:PutItem\": a wildcard allows what AWS adds tomorrow."
  }

  validation {
    condition     = alltrue([for statements in var.grants : alltrue([for statement in statements : (length(statement.resources) > 0) != (length(statement.not_resources) > 0)])])
    error_message = "grants must give each statement resources or not_resources, and not both (AWS docs: IAM JSON policy elements, NotResource)."
  }

  validation {
    condition     = alltrue([for statements in var.grants : alltrue([for statement in statements : statement.effect == "Deny" || length(statement.not_resources) == 0])])
    error_message = "grants must use not_resources only to deny: allowing all but a few resources allows those that nobody thought of."
  }

  validation {
    condition = alltrue([
      for statements in var.grants : alltrue([for statement in statements : can(regex("^[0-9A-Za-z]+$", statement.sid)) && !contains(local.runtime_sids, statement.sid)])
      && length(distinct(statements[*].sid)) == length(statements)
    ])
    error_message = "grants must give each statement of a function a sid of its own, of letters and digits, and none of ${join(", ", local.runtime_sids)}: IAM refuses a policy that uses one twice."
  }
}

variable "worker" {
  description = "The function that answers a turn: seconds until it is cut off, memory in MiB (its CPU grows with it), and concurrency reserved for it, which must be at least the queue's max_concurrency. -1: none reserved, which is all that a new account can have."
  type = object({
    timeout_seconds      = optional(number, 30)
    memory_mb            = optional(number, 1024)
    reserved_concurrency = optional(number, -1)
  })
  nullable = false
  default  = {}

  validation {
    condition     = var.worker.timeout_seconds >= 10 && var.worker.timeout_seconds <= 120 && floor(var.worker.timeout_seconds) == var.worker.timeout_seconds
    error_message = "worker.timeout_seconds must be a whole number from 10 to 120: a model's answer takes seconds, and nobody waits longer for it."
  }

  validation {
    condition     = var.worker.memory_mb >= 256 && var.worker.memory_mb <= 3008 && floor(var.worker.memory_mb) == var.worker.memory_mb
    error_message = "worker.memory_mb must be a whole number from 256 to 3008."
  }

  validation {
    condition     = var.worker.reserved_concurrency == -1 || (var.worker.reserved_concurrency >= 2 && floor(var.worker.reserved_concurrency) == var.worker.reserved_concurrency)
    error_message = "worker.reserved_concurrency must be -1 (none reserved) or a whole number of 2 or more: 0 would switch the worker off, and a queue hands it 2 turns at once at least."
  }
}

variable "network" {
  description = "Private subnets and security groups that the functions which reach the vector store (worker, erase, forget) are attached to; they then reach AWS only through NAT or VPC endpoints. Needed with settings.vectors. null: no VPC."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  nullable = true
  default  = null

  validation {
    condition     = var.network != null || var.settings.vectors == null
    error_message = "network must be given with settings.vectors: OpenSearch is reachable in a VPC only."
  }

  validation {
    condition     = var.network == null ? true : alltrue([for id in var.network.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]) && alltrue([for id in var.network.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "network must hold ids: subnet_ids [\"subnet-…\"], security_group_ids [\"sg-…\"]."
  }

  validation {
    condition     = var.network == null ? true : length(var.network.subnet_ids) >= 2 && length(var.network.subnet_ids) <= 16 && length(var.network.security_group_ids) >= 1 && length(var.network.security_group_ids) <= 5
    error_message = "network must name 2 to 16 subnets, in different availability zones, and 1 to 5 security groups (AWS API reference: Lambda VpcConfig)."
  }
}
