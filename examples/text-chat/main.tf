provider "aws" {
  region = "eu-central-1"
}

module "companion" {
  source = "../../modules/companion"

  name             = "companion-text"
  account_id       = "111122223333"
  region           = "eu-central-1"
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

  persona = {
    prompt          = "You are Robin, a kind companion. Answer in a few short sentences, and never claim to be human."
    disclosure      = "Hi, I am Robin. I am an AI, not a person."
    crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112, or find a helpline at https://findahelpline.com."
  }

  inference = {
    bedrock = { model_id = "amazon.nova-micro-v1:0", geography = "eu", regions = ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"] }
  }
}
