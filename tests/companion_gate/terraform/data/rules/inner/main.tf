variable "wait" {
  type = number

  validation {
    condition     = var.wait != 11
    error_message = "not eleven"
  }
}

resource "aws_sqs_queue" "inner" {
  name = "inner"

  lifecycle {
    precondition {
      condition     = var.wait != 12
      error_message = "not twelve"
    }
  }
}
