locals {
  dashboard_name = var.name

  # Calls of an inference profile are counted under its id, the end of its ARN (see modules/inference-bedrock/alarms.tf).
  model_metrics = {
    bedrock = [for metric in [
      ["InvocationLatency", "p50"],
      ["InvocationLatency", "p95"],
      ["InvocationThrottles", "Sum"],
      ["InvocationServerErrors", "Sum"],
      ["OutputTokenCount", "Sum"],
    ] : ["AWS/Bedrock", metric[0], "ModelId", element(split("/", var.sources.model.id), 1), { stat = metric[1], label = "${metric[0]} ${metric[1]}" }]]
    # The variant of modules/inference-endpoint. SageMaker measures latency in microseconds.
    sagemaker = [for metric in [
      ["ModelLatency", "p50"],
      ["ModelLatency", "p95"],
      ["ConcurrentRequestsPerModel", "Maximum"],
      ["Invocation5XXErrors", "Sum"],
      ["Invocations", "Sum"],
    ] : ["AWS/SageMaker", metric[0], "EndpointName", var.sources.model.id, "VariantName", "AllTraffic", { stat = metric[1], label = "${metric[0]} ${metric[1]}" }]]
  }

  # Title, metrics, and the objective that is drawn as a line. Three stand in a row.
  widgets = [
    {
      title = "Edge: clients and messages"
      line  = null
      metrics = [for metric in ["ConnectCount", "MessageCount", "ClientError", "ExecutionError", "IntegrationError"] :
        ["AWS/ApiGateway", metric, "ApiId", var.sources.api_id, "Stage", "live", { stat = "Sum", label = metric }]
      ]
    },
    {
      title = "Turns: answered, busy, failed, blocked"
      line  = null
      metrics = concat(
        [["Companion", "TurnMs", "Deployment", var.name, { stat = "SampleCount", label = "Answered" }]],
        [for metric in ["Busy", "DeadlineExceeded", "Failed", "Blocked"] : ["Companion", metric, "Deployment", var.name, { stat = "Sum", label = metric }]],
      )
    },
    {
      title   = "First words, in ms"
      line    = { label = "objective for p95", value = var.slo.first_token_ms }
      metrics = [for stat in ["p50", "p95", "p99"] : ["Companion", "FirstTokenMs", "Deployment", var.name, { stat = stat, label = stat }]]
    },
    {
      title = "Queue: age of the oldest turn in s, and turns that wait"
      line  = { label = "objective for age", value = var.slo.queue_age_seconds }
      metrics = [for metric in ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"] :
        ["AWS/SQS", metric, "QueueName", var.sources.queue_name, { stat = "Maximum", label = trimprefix(metric, "Approximate") }]
      ]
    },
    {
      title = "Worker: at once, and time in ms"
      line  = null
      metrics = [for metric in [["ConcurrentExecutions", "Maximum"], ["Throttles", "Sum"], ["Duration", "p50"], ["Duration", "p95"]] :
        ["AWS/Lambda", metric[0], "FunctionName", var.sources.function_names["worker"], { stat = metric[1], label = "${metric[0]} ${metric[1]}" }]
      ]
    },
    {
      title   = "Functions: errors"
      line    = null
      metrics = [for key, name in var.sources.function_names : ["AWS/Lambda", "Errors", "FunctionName", name, { stat = "Sum", label = key }]]
    },
    {
      title   = "Model: ${var.sources.model.engine}"
      line    = null
      metrics = local.model_metrics[var.sources.model.engine]
    },
    {
      title = "Memory: throttled reads and writes, and units consumed"
      line  = null
      metrics = flatten([for key, name in var.sources.table_names : [for metric in ["ReadThrottleEvents", "WriteThrottleEvents", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] :
        # flatten() would take the metric apart as well.
        { metric = ["AWS/DynamoDB", metric, "TableName", name, { stat = "Sum", label = "${key} ${metric}" }] }
      ]])[*].metric
    },
    {
      title = "Moderation: guarded, refused, failed"
      line  = null
      metrics = [for metric in concat(["Invocations", "InvocationsIntervened"], local.guardrail_failures) :
        ["AWS/Bedrock/Guardrails", metric, "GuardrailArn", var.sources.guardrail.arn, "GuardrailVersion", var.sources.guardrail.version, { stat = "Sum", label = metric }]
      ]
    },
  ]

  # Shown by ARN, which is known at plan time, unlike the alarms' attributes.
  shown_alarms = concat(
    ["${var.name}-critical"],
    [for _ in local.background : "${var.name}-background"],
    [for part in sort(keys(local.parts)) : "${var.name}-part-${part}"],
    sort(local.objective_alarms),
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.dashboard_name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type   = "alarm"
        x      = 0
        y      = 0
        width  = 24
        height = 4
        properties = {
          title  = "Alarms of ${var.name}"
          alarms = [for name in local.shown_alarms : "arn:${local.partition}:cloudwatch:${var.region}:${var.account_id}:alarm:${name}"]
        }
      }],
      [for index, widget in local.widgets : {
        type   = "metric"
        x      = index % 3 * 8
        y      = 4 + floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title       = widget.title
          region      = var.region
          view        = "timeSeries"
          period      = 60
          metrics     = widget.metrics
          annotations = { horizontal = widget.line[*] }
        }
      }],
    )
  })
}
