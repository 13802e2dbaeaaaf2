account_id       = "111122223333"
region           = "eu-central-1"
alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

network = {
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
  security_group_ids = ["sg-0123456789abcdef0"]
}

vectors_admin_role_arn = "arn:aws:iam::111122223333:role/companion-vectors-admin"
certificate_arn        = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
web_acl_arn            = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/companion/12345678-1234-1234-1234-123456789012"

persona = {
  prompt          = "You are Robin, a kind companion. Answer in a few short spoken sentences, and never claim to be human."
  disclosure      = "Hi, I am Robin. I am an AI, not a person."
  crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112, or find a helpline at https://findahelpline.com."
}
