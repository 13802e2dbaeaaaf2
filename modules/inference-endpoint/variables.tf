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

variable "network" {
  description = "Private subnets and security groups that the model's containers are attached to. The containers themselves have no network (isolation)."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  nullable = false

  validation {
    condition     = alltrue([for id in var.network.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]) && alltrue([for id in var.network.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "network must hold ids: subnet_ids [\"subnet-…\"], security_group_ids [\"sg-…\"]."
  }

  validation {
    condition     = length(var.network.subnet_ids) >= 2 && length(var.network.subnet_ids) <= 16 && length(var.network.security_group_ids) >= 1 && length(var.network.security_group_ids) <= 5
    error_message = "network must name 2 to 16 subnets, in different availability zones, and 1 to 5 security groups (AWS API reference: SageMaker VpcConfig)."
  }
}

variable "model" {
  description = "What runs: an image by digest, the model's artifact in S3 (a prefix that ends in /, or a .tar.gz), and the container's environment, which is no place for secrets. The artifact's bucket uses kms_key_arn or SSE-S3."
  type = object({
    image           = string
    artifact_s3_uri = string
    environment     = optional(map(string), {})
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9][a-z0-9._/-]*@sha256:[0-9a-f]{64}$", var.model.image))
    error_message = "model.image must be an ECR image pinned by digest, \"<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex digits>\": a tag can be moved to other code."
  }

  validation {
    condition     = can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.*[^/](/|\\.tar\\.gz)$", var.model.artifact_s3_uri))
    error_message = "model.artifact_s3_uri must be \"s3://<bucket>/<prefix>/\" for uncompressed files or \"s3://<bucket>/<key>.tar.gz\" for an archive."
  }

  validation {
    condition     = length(var.model.environment) <= 100 && alltrue([for key, value in var.model.environment : can(regex("^[A-Za-z_][0-9A-Za-z_]*$", key)) && length(key) <= 1024 && length(value) <= 1024])
    error_message = "model.environment must hold at most 100 variables, with names of letters, digits and _ and values of at most 1024 characters (AWS API reference: SageMaker ContainerDefinition)."
  }
}

variable "instance" {
  description = "Each instance: its type, its volume in GiB (ignored for types with instance store), seconds until it must be ready, the requests that it serves at once, and the seconds that one takes. Measure the last two."
  type = object({
    type                = string
    volume_gib          = optional(number, 64)
    startup_seconds     = optional(number, 600)
    concurrent_requests = number
    seconds_per_request = number
  })
  nullable = false

  validation {
    condition     = can(regex("^ml\\.[a-su-z][0-9a-z-]*\\.[0-9a-z]+$", var.instance.type)) || can(regex("^ml\\.trn[0-9a-z]*\\.[0-9a-z]+$", var.instance.type))
    error_message = "instance.type must be a SageMaker type such as \"ml.g5.xlarge\", not burstable (ml.t2), which SageMaker does not scale automatically."
  }

  validation {
    condition     = var.instance.volume_gib >= 1 && var.instance.volume_gib <= 512 && floor(var.instance.volume_gib) == var.instance.volume_gib
    error_message = "instance.volume_gib must be a whole number from 1 to 512 (AWS API reference: SageMaker ProductionVariant)."
  }

  validation {
    condition     = var.instance.startup_seconds >= 60 && var.instance.startup_seconds <= 3600 && floor(var.instance.startup_seconds) == var.instance.startup_seconds
    error_message = "instance.startup_seconds must be a whole number from 60 to 3600 (AWS API reference: SageMaker ProductionVariant)."
  }

  validation {
    condition     = var.instance.concurrent_requests >= 1 && floor(var.instance.concurrent_requests) == var.instance.concurrent_requests
    error_message = "instance.concurrent_requests must be a whole number of 1 or more: what one instance serves at once, from a load test."
  }

  validation {
    condition     = var.instance.seconds_per_request > 0 && var.instance.seconds_per_request <= 60
    error_message = "instance.seconds_per_request must be above 0 and at most 60: SageMaker ends a real-time request after 60 seconds."
  }
}

variable "scaling" {
  description = "Bounds and target of the fleet. quota is the account's quota of this instance type for endpoint usage. target is in concurrent requests for each instance, or in requests a minute for each instance, as metric says."
  type = object({
    min                = number
    max                = number
    quota              = number
    target             = number
    metric             = optional(string, "SageMakerVariantConcurrentRequestsPerModelHighResolution")
    scale_out_cooldown = optional(number, 60)
    scale_in_cooldown  = optional(number, 300)
  })
  nullable = false

  validation {
    condition     = var.scaling.min >= 2 && floor(var.scaling.min) == var.scaling.min
    error_message = "scaling.min must be a whole number of 2 or more: SageMaker spreads instances over zones only when there are two."
  }

  validation {
    condition     = var.scaling.max > var.scaling.min && var.scaling.max <= 100 && floor(var.scaling.max) == var.scaling.max
    error_message = "scaling.max must be a whole number above scaling.min and at most 100; equal bounds do not scale."
  }

  validation {
    condition     = var.scaling.max + var.scaling.min <= var.scaling.quota
    error_message = "scaling.max plus scaling.min must not exceed scaling.quota: a roll-out starts scaling.min new instances beside those that run; ask for a higher quota or lower scaling.max."
  }

  validation {
    condition     = contains(["SageMakerVariantConcurrentRequestsPerModelHighResolution", "SageMakerVariantInvocationsPerInstance"], var.scaling.metric)
    error_message = "scaling.metric must be SageMakerVariantConcurrentRequestsPerModelHighResolution (right for answers that take seconds) or SageMakerVariantInvocationsPerInstance, the metrics of an endpoint variant."
  }

  validation {
    condition = var.scaling.target > 0 && var.scaling.target <= (
      var.scaling.metric == "SageMakerVariantInvocationsPerInstance"
      ? 0.7 * 60 * var.instance.concurrent_requests / var.instance.seconds_per_request
      : var.instance.concurrent_requests
    )
    error_message = "scaling.target must be above 0 and reachable, else the fleet never grows: at most instance.concurrent_requests, or for invocations at most 0.7 × 60 × concurrent_requests / seconds_per_request."
  }

  validation {
    condition     = var.scaling.scale_out_cooldown >= 0 && var.scaling.scale_out_cooldown <= 60 && floor(var.scaling.scale_out_cooldown) == var.scaling.scale_out_cooldown
    error_message = "scaling.scale_out_cooldown must be a whole number of seconds from 0 to 60: users wait meanwhile."
  }

  validation {
    condition     = var.scaling.scale_in_cooldown >= 300 && var.scaling.scale_in_cooldown <= 3600 && floor(var.scaling.scale_in_cooldown) == var.scaling.scale_in_cooldown
    error_message = "scaling.scale_in_cooldown must be a whole number of seconds from 300 to 3600: a fleet that shrinks faster than it starts flaps."
  }
}

variable "latency_alarm_ms" {
  description = "Model latency, 99th percentile in milliseconds, that raises the alarm and rolls a deployment back."
  type        = number
  nullable    = false
  default     = 15000

  validation {
    condition     = var.latency_alarm_ms >= 100 && var.latency_alarm_ms <= 60000
    error_message = "latency_alarm_ms must be from 100 to 60000: SageMaker ends a real-time request after 60 seconds."
  }
}
