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

variable "authorizer" {
  description = "The function that checks the ticket of a new connection. The ticket is in the header Sec-WebSocket-Protocol."
  type = object({
    function_arn = string
    invoke_arn   = string
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[0-9A-Za-z_-]+$", var.authorizer.function_arn))
    error_message = "authorizer.function_arn must be the ARN of a function without version or alias, such as \"arn:aws:lambda:eu-central-1:111122223333:function:companion-prod-authorizer\": the permission is given to that function."
  }

  validation {
    condition     = endswith(var.authorizer.invoke_arn, ":lambda:path/2015-03-31/functions/${var.authorizer.function_arn}/invocations")
    error_message = "authorizer.invoke_arn must be the invoke_arn of the function in authorizer.function_arn: another function would lack the permission, and every client would be refused."
  }
}

variable "routes" {
  description = "Functions by route key: $connect, $disconnect, $default, and the actions that clients send. throttle is the route's own; without it the route has the stage's."
  type = map(object({
    function_arn = string
    invoke_arn   = string
    throttle = optional(object({
      rate_per_second = number
      burst           = number
    }))
  }))
  nullable = false

  validation {
    condition     = alltrue([for key in ["$connect", "$disconnect", "$default"] : contains(keys(var.routes), key)])
    error_message = "routes must hold $connect, $disconnect and $default: without them nobody is admitted or forgotten, and an unknown action gets no answer."
  }

  validation {
    condition     = anytrue([for key in keys(var.routes) : !startswith(key, "$")])
    error_message = "routes must hold at least one action of clients besides $connect, $disconnect and $default, such as send."
  }

  validation {
    condition     = alltrue([for key in keys(var.routes) : contains(["$connect", "$disconnect", "$default"], key) || can(regex("^[A-Za-z][0-9A-Za-z_-]{0,49}$", key))])
    error_message = "routes must be keyed by $connect, $disconnect, $default, or actions of 1 to 50 letters, digits, _ and -, beginning with a letter: API Gateway has no other route that begins with $, and * or / would widen the permission."
  }

  validation {
    condition     = length(var.routes) <= 30
    error_message = "routes must hold at most 30 routes: each adds a statement to its function's policy, which ends at 20 KB (AWS docs: Lambda quotas); tell further actions apart in the function."
  }

  validation {
    condition     = alltrue([for route in var.routes : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[0-9A-Za-z_-]+$", route.function_arn))])
    error_message = "routes must give each function_arn without version or alias, such as \"arn:aws:lambda:eu-central-1:111122223333:function:companion-prod-ingest\": the permission is given to that function."
  }

  validation {
    condition     = alltrue([for route in var.routes : endswith(route.invoke_arn, ":lambda:path/2015-03-31/functions/${route.function_arn}/invocations")])
    error_message = "routes must give each invoke_arn of the same function as function_arn: another function would lack the permission, and the route would answer 500."
  }

  validation {
    condition = alltrue([
      for route in var.routes : route.throttle == null ? true : (
        route.throttle.rate_per_second >= 1 && route.throttle.rate_per_second <= 10000
        && route.throttle.burst >= 1 && route.throttle.burst <= 5000 && floor(route.throttle.burst) == route.throttle.burst
      )
    ])
    error_message = "routes must throttle to a rate_per_second from 1 to 10000 and a whole burst from 1 to 5000 (AWS docs: API Gateway quotas of an account); 0 would answer every message with 429, so leave throttle out for the stage's."
  }

  validation {
    condition     = try(coalesce(try(var.routes["$connect"].throttle.rate_per_second, null), var.throttle.rate_per_second) <= var.connections_per_second_quota, true)
    error_message = "routes must throttle $connect to connections_per_second_quota at most, its own throttle or the stage's: beyond it API Gateway refuses clients of every WebSocket API in the account; give $connect a throttle or ask for a higher quota."
  }
}

variable "throttle" {
  description = "Messages per second, and at once, that the stage lets through on each route without a throttle of its own."
  type = object({
    rate_per_second = number
    burst           = number
  })
  nullable = false

  validation {
    condition = (
      var.throttle.rate_per_second >= 1 && var.throttle.rate_per_second <= 10000
      && var.throttle.burst >= 1 && var.throttle.burst <= 5000 && floor(var.throttle.burst) == var.throttle.burst
    )
    error_message = "throttle must be a rate_per_second from 1 to 10000 and a whole burst from 1 to 5000 (AWS docs: API Gateway quotas of an account); 0 would answer every message with 429."
  }
}

variable "connections_per_second_quota" {
  description = "The account's quota of new WebSocket connections per second in the region, shared by all its WebSocket APIs (AWS docs: API Gateway WebSocket quotas, 500 unless raised)."
  type        = number
  nullable    = false
  default     = 500

  validation {
    condition     = var.connections_per_second_quota >= 1 && floor(var.connections_per_second_quota) == var.connections_per_second_quota
    error_message = "connections_per_second_quota must be a whole number of 1 or more: read it in Service Quotas, Amazon API Gateway."
  }
}

variable "latency_alarm_ms" {
  description = "Time that functions take to answer API Gateway, 99th percentile in milliseconds, that raises the alarm."
  type        = number
  nullable    = false
  default     = 3000

  validation {
    condition     = var.latency_alarm_ms >= 100 && var.latency_alarm_ms <= 29000
    error_message = "latency_alarm_ms must be from 100 to 29000: API Gateway waits no longer than 29 seconds."
  }
}

variable "domain" {
  description = "A domain name of your own for the API, with its certificate in the API's region. null: none. Behind modules/edge-cdn the name belongs there instead."
  type = object({
    name            = string
    certificate_arn = string
  })
  nullable = true
  default  = null

  validation {
    condition     = var.domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain.name)) && length(var.domain.name) <= 253
    error_message = "domain.name must be a DNS name in lower case without wildcard, such as \"chat.example.com\"."
  }

  validation {
    condition     = var.domain == null ? true : can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$", var.domain.certificate_arn))
    error_message = "domain.certificate_arn must be the ARN of an ACM certificate, such as \"arn:aws:acm:eu-central-1:111122223333:certificate/…\"."
  }

  validation {
    condition     = var.domain == null ? true : try(split(":", var.domain.certificate_arn)[3] == split(":", var.kms_key_arn)[3], true)
    error_message = "domain.certificate_arn must be in the region of the API, that of kms_key_arn: API Gateway takes no certificate of another region for a regional domain."
  }
}
