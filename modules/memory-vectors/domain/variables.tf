# Called by ../main.tf only, which has validated every value.

variable "name" {
  description = "Name of the domain."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key for the data and the logs."
  type        = string
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "SNS topics of the alarms."
  type        = set(string)
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  nullable    = false
}

variable "subnet_ids" {
  description = "One subnet for each zone."
  type        = set(string)
  nullable    = false
}

variable "security_group_ids" {
  description = "Security groups of the domain."
  type        = set(string)
  nullable    = false
}

variable "admin_role_arn" {
  description = "Master user of fine-grained access control."
  type        = string
  nullable    = false
}

variable "client_role_arns" {
  description = "Roles that search, index and delete."
  type        = set(string)
  nullable    = false
}

variable "index_name" {
  description = "The index that grants cover."
  type        = string
  nullable    = false
}

variable "settings" {
  description = "Sizing of the domain."
  type = object({
    engine_version       = string
    instance_type        = string
    instance_count       = number
    availability_zones   = number
    volume_gib           = number
    master_instance_type = string
    off_peak_hour_utc    = number
  })
  nullable = false
}
