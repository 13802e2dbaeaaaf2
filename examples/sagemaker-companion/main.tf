module "companion" {
  source = "../../modules/companion"

  name             = "companion-own"
  account_id       = var.account_id
  region           = var.region
  alarm_topic_arns = var.alarm_topic_arns
  persona          = var.persona
  network          = var.network

  inference = {
    sagemaker = {
      model = var.model

      # What one instance serves at once, and the seconds it takes: measure both.
      instance = {
        type                = "ml.inf2.xlarge"
        concurrent_requests = 4
        seconds_per_request = 3
      }

      scaling = {
        min    = 2
        max    = 10
        quota  = 12
        target = 2.8
      }
    }
  }

  # As many turns as the largest fleet serves.
  turns = {
    max_concurrency = 40
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
