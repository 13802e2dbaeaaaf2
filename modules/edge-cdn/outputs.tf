output "distribution" {
  description = "The distribution, and where clients connect: one endpoint for each alias. Point a DNS alias at domain_name, in zone_id."
  value = {
    id          = aws_cloudfront_distribution.this.id
    arn         = aws_cloudfront_distribution.this.arn
    domain_name = aws_cloudfront_distribution.this.domain_name
    zone_id     = aws_cloudfront_distribution.this.hosted_zone_id
    endpoints   = [for alias in sort(var.domain.aliases) : "wss://${alias}"]
  }
}

output "grants" {
  description = "IAM statements by purpose: none, since nobody calls CloudFront with IAM rights."
  value       = {}
}

output "alarms" {
  description = "Names of this module's alarms: none, since CloudFront's metrics are in us-east-1, and an alarm sees only those of its own region."
  value       = []
}

# AWS docs: CloudFront quotas, WebSocket idle timeout.
output "capacity_contract" {
  description = "What the edge promises, known at plan time. countries is empty where no country is shut out."
  value = {
    aliases       = sort(var.domain.aliases)
    countries     = sort(var.countries)
    minimum_tls   = "TLSv1.2_2021"
    cache_seconds = 0
    idle_seconds  = 600
  }
}
