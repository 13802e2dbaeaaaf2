variable "account_id" {
  description = "Your AWS account."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Your AWS region."
  type        = string
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "SNS topics of the people who are on call."
  type        = set(string)
  nullable    = false
}

variable "network" {
  description = "Your VPC: private subnets in different zones, and a security group for the model."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  nullable = false
}

variable "persona" {
  description = "Who the companion is, in your users' language."
  type = object({
    prompt          = string
    disclosure      = string
    crisis_referral = string
  })
  nullable = false
}

variable "model" {
  description = "Your model: an image by digest, and the artifact in S3."
  type = object({
    image           = string
    artifact_s3_uri = string
  })
  nullable = false
}
