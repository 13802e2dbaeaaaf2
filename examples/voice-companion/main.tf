module "companion" {
  source = "../../modules/companion"

  name             = "companion-voice"
  account_id       = var.account_id
  region           = var.region
  alarm_topic_arns = var.alarm_topic_arns
  persona          = var.persona
  network          = var.network

  inference = {
    bedrock = {
      model_id  = "amazon.nova-lite-v1:0"
      geography = "eu"
      regions   = ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"]
    }
  }

  # Neural voices take 8 requests a second (AWS docs: quotas in Amazon Polly): 8 turns at once, each of 3 s and 3 sentences.
  turns = {
    max_concurrency = 8
  }

  voice = {
    languages = {
      "de-DE" = { voice_id = "Vicki", phrases = ["Robin"], filtered_words = ["Schlampe"] }
      "en-GB" = { voice_id = "Amy", phrases = ["Robin"], filtered_words = ["slut"] }
    }
  }

  vectors = {
    engine         = "domain"
    admin_role_arn = var.vectors_admin_role_arn

    domain = {
      instance_type      = "r7g.large.search"
      instance_count     = 3
      availability_zones = 3
      volume_gib         = 100
    }
  }

  moderation = {
    denied_topics = {
      "medical advice" = {
        definition = "Diagnosis of an illness, or advice on starting, stopping or dosing a medicine."
        examples   = ["How much ibuprofen can I take at once?", "Should I stop my antidepressants?"]
      }
    }
  }

  edge = {
    cdn = {
      aliases         = ["companion.example.com"]
      certificate_arn = var.certificate_arn
      web_acl_arn     = var.web_acl_arn
    }
  }
}

output "companion" {
  description = "Where clients connect, and what the product's own backend needs."
  value       = module.companion.companion
}

output "capacity_contract" {
  description = "What the companion carries and promises."
  value       = module.companion.capacity_contract
}
