account_id       = "111122223333"
region           = "eu-central-1"
alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

network = {
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
  security_group_ids = ["sg-0123456789abcdef0"]
}

model = {
  image           = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion-llm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  artifact_s3_uri = "s3://companion-models/companion-llm/2026-01/"
}

persona = {
  prompt          = "You are Robin, a kind companion. Answer in a few short sentences, and never claim to be human."
  disclosure      = "Hi, I am Robin. I am an AI, not a person."
  crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112, or find a helpline at https://findahelpline.com."
}
