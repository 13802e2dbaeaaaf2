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
  description = "Your VPC: private subnets in three zones that reach AWS through NAT or VPC endpoints, and a security group that lets the functions reach HTTPS."
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

variable "certificate_arn" {
  description = "ACM certificate of your domain, in us-east-1."
  type        = string
  nullable    = false
}

variable "web_acl_arn" {
  description = "Web ACL of AWS WAF, in us-east-1, with a rate-based rule that blocks."
  type        = string
  nullable    = false
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
