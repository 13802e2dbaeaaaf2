# Called by ../main.tf only, which has validated every value.

variable "name" {
  description = "Name of the collection and its policies."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key for the data."
  type        = string
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "SNS topics of the alarms."
  type        = set(string)
  nullable    = false
}

variable "vpc_id" {
  description = "VPC of the endpoint."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Subnets of the endpoint."
  type        = set(string)
  nullable    = false
}

variable "security_group_ids" {
  description = "Security groups of the endpoint."
  type        = set(string)
  nullable    = false
}

variable "admin_role_arn" {
  description = "Role that creates the index."
  type        = string
  nullable    = false
}

variable "client_role_arns" {
  description = "Roles that search, index and delete."
  type        = set(string)
  nullable    = false
}

variable "index_name" {
  description = "The index that data access covers."
  type        = string
  nullable    = false
}
