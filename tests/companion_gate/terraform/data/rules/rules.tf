variable "ttl" {
  type    = number
  default = 5

  validation {
    condition     = var.ttl > 0
    error_message = "ttl must be positive."
  }
}

variable "low" {
  type     = number
  default  = 1
  nullable = false

  validation {
    condition     = var.low < var.ttl
    error_message = "low must be less than ttl."
  }
}

variable "name" {
  type = string
}

# What a case gives must keep its type on the way: an object here, a number there.
variable "tags" {
  type    = list(object({ key = string, value = optional(string, "-") }))
  default = []
}

variable "secret" {
  type      = string
  default   = "no secret"
  sensitive = true
}

variable "leak" {
  type    = bool
  default = false
}

variable "wait" {
  type    = number
  default = 1
}
