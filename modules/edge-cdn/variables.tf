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

variable "origin" {
  description = "The WebSocket API behind CloudFront: host and path of realtime-edge's output api, with \"/\" and the stage as path."
  type = object({
    host = string
    path = string
  })
  nullable = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.origin.host)) && length(var.origin.host) <= 253
    error_message = "origin.host must be a DNS name in lower case without wss://, port or path, such as \"a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com\"."
  }

  validation {
    condition     = can(regex("^(/[0-9A-Za-z_.-]+)*$", var.origin.path)) && length(var.origin.path) <= 255
    error_message = "origin.path must begin with / and not end with it, such as \"/live\", or be empty for an API with a domain name of its own."
  }

  validation {
    condition     = !contains(var.domain.aliases, var.origin.host)
    error_message = "origin.host must not be one of domain.aliases: CloudFront would ask itself for ever; give the API's own host."
  }
}

variable "domain" {
  description = "The names that clients connect to, and their certificate, which CloudFront takes from us-east-1 only. Required: with its own certificate CloudFront accepts TLS 1.0."
  type = object({
    aliases         = set(string)
    certificate_arn = string
  })
  nullable = false

  validation {
    condition     = length(var.domain.aliases) >= 1 && length(var.domain.aliases) <= 100
    error_message = "domain.aliases must hold 1 to 100 names (AWS docs: CloudFront quotas); without one clients would use CloudFront's own name, which no TLS floor protects."
  }

  validation {
    condition     = alltrue([for alias in var.domain.aliases : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", alias)) && length(alias) <= 253])
    error_message = "domain.aliases must hold DNS names in lower case without wildcard, such as \"chat.example.com\"."
  }

  validation {
    condition     = can(regex("^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]+$", var.domain.certificate_arn))
    error_message = "domain.certificate_arn must be the ARN of an ACM certificate in us-east-1, such as \"arn:aws:acm:us-east-1:111122223333:certificate/…\": CloudFront takes none of another region."
  }
}

variable "web_acl_arn" {
  description = "Web ACL of AWS WAF that sees every handshake, such as one that limits the rate for each address. Its scope is CLOUDFRONT, so it lives in us-east-1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws:wafv2:us-east-1:[0-9]{12}:global/webacl/[0-9A-Za-z_-]+/[0-9a-f-]+$", var.web_acl_arn))
    error_message = "web_acl_arn must be the ARN of a web ACL of scope CLOUDFRONT, such as \"arn:aws:wafv2:us-east-1:111122223333:global/webacl/companion/…\": CloudFront takes no regional one."
  }
}

variable "price_class" {
  description = "Which of CloudFront's locations serve: PriceClass_100 (North America, Europe, Israel), PriceClass_200 (and Asia, Africa, Middle East), PriceClass_All. Clients elsewhere are served from there."
  type        = string
  nullable    = false
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "countries" {
  description = "Countries whose clients may connect, by their two letters. Empty: all."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for country in var.countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "countries must hold ISO 3166-1 codes of two capital letters, such as \"DE\"."
  }
}
