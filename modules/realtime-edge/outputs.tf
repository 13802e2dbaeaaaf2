# Functions need the API and the right to answer through it, and the API's routes need the functions: what stands here
# must not depend on a route, the stage or an integration.
output "api" {
  description = "The WebSocket API: where clients connect (endpoint), where functions answer (management_endpoint), and the origin for a CDN (host, stage). domain is null without one; point a DNS alias at its target."
  value = {
    id                  = aws_apigatewayv2_api.this.id
    arn                 = aws_apigatewayv2_api.this.arn
    execution_arn       = aws_apigatewayv2_api.this.execution_arn
    stage               = "live"
    endpoint            = "${aws_apigatewayv2_api.this.api_endpoint}/live"
    management_endpoint = "${replace(aws_apigatewayv2_api.this.api_endpoint, "wss://", "https://")}/live"
    host                = trimprefix(aws_apigatewayv2_api.this.api_endpoint, "wss://")
    domain = one([
      for domain in aws_apigatewayv2_domain_name.this : {
        endpoint = "wss://${domain.domain_name}"
        target   = domain.domain_name_configuration[0].target_domain_name
        zone_id  = domain.domain_name_configuration[0].hosted_zone_id
      }
    ])
  }
}

output "grants" {
  description = "IAM statements by purpose: post_to_connection (send frames to connected clients; no right to look at or to close a connection)."
  value = {
    post_to_connection = [{
      sid        = "PostToConnection"
      effect     = "Allow"
      actions    = ["execute-api:ManageConnections"]
      resources  = ["${aws_apigatewayv2_api.this.execution_arn}/live/POST/@connections/*"]
      conditions = {}
    }]
  }
}

output "alarms" {
  description = "Names of the alarms on refused clients, errors, the rate of new connections and latency."
  value = sort(concat([for alarm in aws_cloudwatch_metric_alarm.failures : alarm.alarm_name], [
    aws_cloudwatch_metric_alarm.connect_rate.alarm_name,
    aws_cloudwatch_metric_alarm.latency.alarm_name,
    aws_cloudwatch_metric_alarm.refused.alarm_name,
  ]))
}

# Limits: AWS docs, "Quotas for configuring and running a WebSocket API in API Gateway". None of them can be raised.
output "capacity_contract" {
  description = "What the edge lets in, route by route, and the fixed limits of API Gateway, known at plan time. A larger frame or message closes the connection with code 1009."
  value = {
    routes                     = { for key, throttle in local.throttles : key => { rate_per_second = throttle.rate_per_second, burst = throttle.burst } }
    rate_per_second            = var.throttle.rate_per_second
    burst                      = var.throttle.burst
    new_connections_per_second = local.throttles["$connect"].rate_per_second
    frame_bytes                = 32 * 1024
    message_bytes              = 128 * 1024
    idle_seconds               = 600
    connection_seconds         = 7200
    integration_timeout_ms     = 29000
  }
}
