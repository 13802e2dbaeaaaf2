name       = "companion-core"
region     = "eu-central-1"
account_id = "111122223333"

network = {
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
  security_group_ids = ["sg-0123456789abcdef0"]
}

vectors_admin_role_arn = "arn:aws:iam::111122223333:role/companion-vectors-admin"

model = {
  image           = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion-llm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  artifact_s3_uri = "s3://companion-models/companion-llm/2026-01/"
}

crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112, or find your country's helpline at https://findahelpline.com."
