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

variable "engine" {
  description = "\"domain\": an OpenSearch domain, which deletes by query and has fixed costs. \"serverless\": a vector search collection, which scales itself."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["domain", "serverless"], var.engine)
    error_message = "engine must be \"domain\" or \"serverless\"."
  }
}

variable "network" {
  description = "Where the store is reachable, and the only place. For a domain: one subnet for each availability zone."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.network.vpc_id)) && alltrue([for id in var.network.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]) && alltrue([for id in var.network.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "network must hold ids: vpc_id \"vpc-…\", subnet_ids [\"subnet-…\"], security_group_ids [\"sg-…\"]."
  }

  validation {
    condition     = length(var.network.subnet_ids) >= 2 && length(var.network.subnet_ids) <= 6 && length(var.network.security_group_ids) >= 1 && length(var.network.security_group_ids) <= 5
    error_message = "network must name 2 to 6 subnets, each in its own availability zone, and 1 to 5 security groups."
  }
}

variable "admin_role_arn" {
  description = "IAM role that creates the index: master user of a domain, index keeper of a collection."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[0-9A-Za-z+=,.@_/-]+$", var.admin_role_arn))
    error_message = "admin_role_arn must be the ARN of an IAM role, such as \"arn:aws:iam::111122223333:role/companion-vectors-admin\"."
  }
}

variable "client_role_arns" {
  description = "IAM roles of the application that search, index and delete vectors."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.client_role_arns) >= 1 && alltrue([for arn in var.client_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[0-9A-Za-z+=,.@_/-]+$", arn))])
    error_message = "client_role_arns must name at least one IAM role by its full ARN; a wildcard or an account is no client."
  }
}

variable "index_name" {
  description = "Name of the index that holds the vectors."
  type        = string
  nullable    = false
  default     = "memories"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_-]{0,63}$", var.index_name))
    error_message = "index_name must be 1 to 64 lower-case letters, digits, _ or -, beginning with a letter."
  }
}

variable "dimension" {
  description = "Length of an embedding, as the embedding model gives it."
  type        = number
  nullable    = false
  default     = 1024

  validation {
    condition     = var.dimension >= 2 && var.dimension <= 16000 && floor(var.dimension) == var.dimension
    error_message = "dimension must be a whole number from 2 to 16000 (AWS docs: Vector search in Amazon OpenSearch Service)."
  }
}

variable "domain" {
  description = "Sizing of the domain; null, which means not given, for engine \"serverless\"."
  type = object({
    engine_version       = optional(string, "OpenSearch_2.19")
    instance_type        = string
    instance_count       = number
    availability_zones   = number
    volume_gib           = number
    master_instance_type = optional(string, "m7g.large.search")
    off_peak_hour_utc    = optional(number, 2)
  })
  nullable = true
  default  = null

  validation {
    condition     = (var.engine == "domain") == (var.domain != null)
    error_message = "domain must be given for engine \"domain\", and left out for engine \"serverless\"."
  }

  validation {
    condition     = var.domain == null ? true : contains(["OpenSearch_2.19", "OpenSearch_3.1", "OpenSearch_3.3"], var.domain.engine_version)
    error_message = "domain.engine_version must be OpenSearch_2.19, OpenSearch_3.1 or OpenSearch_3.3: older ones do not keep a user's filter inside the k-NN search for every engine."
  }

  validation {
    condition     = var.domain == null ? true : alltrue([for type in [var.domain.instance_type, var.domain.master_instance_type] : can(regex("^[a-su-z][a-z]*[0-9][a-z0-9]*\\.[0-9a-z]+\\.search$", type))])
    error_message = "domain.instance_type and domain.master_instance_type must be OpenSearch types such as \"r7g.large.search\", not burstable (t2, t3), which have no Auto-Tune."
  }

  validation {
    condition     = var.domain == null ? true : contains([2, 3], var.domain.availability_zones)
    error_message = "domain.availability_zones must be 2 or 3: one zone is one outage."
  }

  validation {
    condition     = var.domain == null ? true : var.domain.instance_count >= 3 && var.domain.instance_count <= 80 && var.domain.instance_count % max(var.domain.availability_zones, 1) == 0
    error_message = "domain.instance_count must be 3 to 80 and a multiple of availability_zones, so that each zone holds as many nodes (AWS docs: Configuring a multi-AZ domain); use 3 or 6 nodes over 3 zones, 4 over 2."
  }

  validation {
    condition     = var.domain == null ? true : length(var.network.subnet_ids) == var.domain.availability_zones
    error_message = "domain.availability_zones must equal the number of network.subnet_ids: the domain takes one subnet in each zone."
  }

  validation {
    condition     = var.domain == null ? true : var.domain.volume_gib >= 20 && var.domain.volume_gib <= 3072 && floor(var.domain.volume_gib) == var.domain.volume_gib
    error_message = "domain.volume_gib must be a whole number from 20 to 3072 for each node; add nodes for more."
  }

  validation {
    condition     = var.domain == null ? true : var.domain.off_peak_hour_utc >= 0 && var.domain.off_peak_hour_utc <= 23 && floor(var.domain.off_peak_hour_utc) == var.domain.off_peak_hour_utc
    error_message = "domain.off_peak_hour_utc must be a whole hour from 0 to 23, in UTC."
  }
}
