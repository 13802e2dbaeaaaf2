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

variable "alarms" {
  description = "Names of the other modules' alarms, by part of the companion, such as edge, queue or memory: each part becomes one composite alarm. A part without alarms is left out."
  type        = map(list(string))
  nullable    = false

  validation {
    condition     = anytrue([for names in var.alarms : length(names) > 0]) && length(var.alarms) <= 50
    error_message = "alarms must hold 1 to 50 parts, and at least one that has alarms: without any there is nothing to roll up."
  }

  validation {
    condition     = alltrue([for part in keys(var.alarms) : can(regex("^[a-z]+(-[a-z]+)*$", part)) && length(part) <= 32])
    error_message = "alarms must be keyed by names of parts, of at most 32 lower-case letters and inner hyphens, such as \"edge\"."
  }

  validation {
    condition     = alltrue([for names in var.alarms : alltrue([for name in names : can(regex("^[^\"\\\\]{1,255}$", name))])])
    error_message = "alarms must hold names of alarms, of 1 to 255 characters without \" and \\ (AWS API reference: PutMetricAlarm); give the name instead of the ARN."
  }

  validation {
    condition     = alltrue([for names in var.alarms : length(distinct(names)) <= 100])
    error_message = "alarms must hold at most 100 alarms for each part (AWS API reference: PutCompositeAlarm); split the part in two."
  }

  validation {
    condition     = alltrue([for names in var.alarms : length(join(" OR ", [for name in distinct(names) : "ALARM(\"${name}\")"])) <= 10240])
    error_message = "alarms must fit a rule of 10240 characters for each part (AWS API reference: PutCompositeAlarm, AlarmRule); split the part in two."
  }
}

variable "background_parts" {
  description = "Parts of alarms whose failure nobody has to be woken for: they roll up into the alarm background. All other parts, and what is measured here, are critical."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = length(setsubtract(var.background_parts, keys(var.alarms))) == 0
    error_message = "background_parts must name parts of alarms: ${join(", ", keys(var.alarms))}."
  }
}

variable "suppressor" {
  description = "An alarm that, while it is in ALARM, keeps critical and background from notifying, as in a maintenance window; and how many seconds they wait for it to begin and to end. It silences no other alarm: those on the guardrail are always heard."
  type = object({
    alarm             = string
    wait_seconds      = optional(number, 60)
    extension_seconds = optional(number, 60)
  })
  nullable = true
  default  = null

  validation {
    condition     = var.suppressor == null ? true : can(regex("^[^\"\\\\]+$", var.suppressor.alarm)) && length(var.suppressor.alarm) <= 1600 && !endswith(var.suppressor.alarm, "${var.name}-critical") && !endswith(var.suppressor.alarm, "${var.name}-background")
    error_message = "suppressor.alarm must be the name or ARN of an alarm, of at most 1600 characters (AWS API reference: PutCompositeAlarm, ActionsSuppressor), and not one that it would silence."
  }

  validation {
    condition = var.suppressor == null ? true : alltrue([
      for seconds in [var.suppressor.wait_seconds, var.suppressor.extension_seconds] : seconds >= 0 && seconds <= 600 && floor(seconds) == seconds
    ])
    error_message = "suppressor.wait_seconds and extension_seconds must be whole numbers from 0 to 600: a real failure stays unheard for as long."
  }
}

variable "sources" {
  description = "What the dashboard shows and the objectives are measured on. guardrail takes the output of modules/moderation. model.id is an inference profile's ARN for engine bedrock and an endpoint's name for sagemaker. function_names and table_names are keyed by what they are; worker must be among the functions."
  type = object({
    api_id         = string
    queue_name     = string
    function_names = map(string)
    table_names    = map(string)
    guardrail = object({
      arn     = string
      version = string
    })
    model = object({
      engine = string
      id     = string
    })
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9a-z]{1,20}$", var.sources.api_id))
    error_message = "sources.api_id must be the id of the WebSocket API, such as \"abcdef1234\"."
  }

  validation {
    condition     = can(regex("^[0-9A-Za-z_-]{1,75}\\.fifo$", var.sources.queue_name))
    error_message = "sources.queue_name must be the name of the turn queue, which ends in .fifo; give the name instead of the URL or the ARN."
  }

  validation {
    condition     = contains(keys(var.sources.function_names), "worker") && length(var.sources.function_names) <= 20 && alltrue([for name in var.sources.function_names : can(regex("^[0-9A-Za-z_-]{1,64}$", name))])
    error_message = "sources.function_names must hold at most 20 names of functions by what they do, and \"worker\" among them; give names instead of ARNs."
  }

  validation {
    condition     = length(var.sources.table_names) >= 1 && length(var.sources.table_names) <= 10 && alltrue([for name in var.sources.table_names : can(regex("^[0-9A-Za-z_.-]{3,255}$", name))])
    error_message = "sources.table_names must hold 1 to 10 names of tables by what they hold; give names instead of ARNs."
  }

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:guardrail/[0-9a-z]+$", var.sources.guardrail.arn)) && can(regex("^[1-9][0-9]{0,7}$", var.sources.guardrail.version))
    error_message = "sources.guardrail must have the ARN of the guardrail and the number of its pinned version, never DRAFT."
  }

  validation {
    condition     = contains(["bedrock", "sagemaker"], var.sources.model.engine)
    error_message = "sources.model.engine must be \"bedrock\" or \"sagemaker\"."
  }

  validation {
    condition     = var.sources.model.engine == "bedrock" ? can(regex("^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:(application-)?inference-profile/[0-9A-Za-z.:_-]+$", var.sources.model.id)) : can(regex("^[0-9A-Za-z](-*[0-9A-Za-z]){0,62}$", var.sources.model.id))
    error_message = "sources.model.id must be the ARN of an inference profile for engine bedrock, or the name of an endpoint for sagemaker."
  }
}

variable "slo" {
  description = "What users are promised: milliseconds to the first words (95 of 100 turns), shares of turns that are told to come back and that fail, share of guarded texts in which the guardrail steps in, and age in seconds of the oldest turn in the queue."
  type = object({
    first_token_ms     = optional(number, 1500)
    busy_ratio         = optional(number, 0.05)
    failed_ratio       = optional(number, 0.02)
    intervention_ratio = optional(number, 0.2)
    queue_age_seconds  = optional(number, 10)
  })
  nullable = false
  default  = {}

  validation {
    condition     = var.slo.first_token_ms >= 500 && var.slo.first_token_ms <= 10000
    error_message = "slo.first_token_ms must be from 500 to 10000: through a queue, recall and a guardrail no turn in a hundred begins sooner, and after 10 seconds nobody is there to read."
  }

  validation {
    condition     = alltrue([for ratio in [var.slo.busy_ratio, var.slo.failed_ratio] : ratio > 0 && ratio <= 0.5])
    error_message = "slo.busy_ratio and slo.failed_ratio must be above 0 and at most 0.5: shares of all turns, such as 0.05."
  }

  validation {
    condition     = var.slo.intervention_ratio > 0 && var.slo.intervention_ratio <= 0.9
    error_message = "slo.intervention_ratio must be above 0 and at most 0.9: a share of guarded texts, such as 0.2."
  }

  validation {
    condition     = var.slo.queue_age_seconds >= 1 && var.slo.queue_age_seconds <= 60
    error_message = "slo.queue_age_seconds must be from 1 to 60: more than the queue's deadline, after which turns are answered busy."
  }
}
