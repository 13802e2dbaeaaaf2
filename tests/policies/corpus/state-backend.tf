# The classic remote state of Terraform: a bucket and a lock table.

resource "aws_s3_bucket" "state" {
  bucket = "acme-terraform-state"
}

resource "aws_dynamodb_table" "locks" {
  name         = "terraform-locks"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "LockID"

  attribute {
    name = "LockID"
    type = "S"
  }
}
