variable "name" {
  description = "Name of the deployment; prefix of every resource name."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "The account that owns the key."
  type        = string
  nullable    = false
}

variable "network" {
  description = "Your VPC: three private subnets in three zones, and a security group that lets the application reach HTTPS."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  nullable = false
}

variable "vectors_admin_role_arn" {
  description = "Role that creates the vector index."
  type        = string
  nullable    = false
}

variable "model" {
  description = "The model to serve."
  type = object({
    image           = string
    artifact_s3_uri = string
  })
  nullable = false
}

variable "crisis_referral" {
  description = "Where your users find help, in their language."
  type        = string
  nullable    = false
}
