variable "name" {
  description = "Name of the deployment."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Your AWS region."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Your key for guardrail and queues. Its policy must let your worker's role decrypt."
  type        = string
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "SNS topics of the people who are on call."
  type        = set(string)
  nullable    = false
}

variable "worker" {
  description = "Your function that answers a turn, its role, and its timeout."
  type = object({
    function_arn    = string
    role_name       = string
    timeout_seconds = number
  })
  nullable = false
}
