output "handlers" {
  description = "The functions by key. Each exists only after its policy and its log group, so it can be put behind a route or a queue as it is."
  value = {
    functions = {
      for key, function in aws_lambda_function.this : key => {
        name            = function.function_name
        arn             = function.arn
        invoke_arn      = function.invoke_arn
        role_arn        = function.role
        log_group       = aws_cloudwatch_log_group.this[key].name
        timeout_seconds = function.timeout
      }
    }
  }
}

output "roles" {
  description = "The functions' roles by key. They depend on nothing else of this module, so that a store can name them before the functions that use it exist."
  value       = { for key, role in aws_iam_role.this : key => { name = role.name, arn = role.arn } }
}

output "grants" {
  description = "IAM statements by purpose: none. Whoever calls a function is allowed by the function's own policy, which belongs to the caller's module."
  value       = {}
}

output "alarms" {
  description = "Names of the alarms on errors, throttling and turns near the timeout."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.errors : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.forgetting_errors : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.throttles : alarm.alarm_name],
    [aws_cloudwatch_metric_alarm.worker_near_timeout.alarm_name],
  ))
}

output "capacity_contract" {
  description = "Limits of the functions, known at plan time. reserved_concurrency -1: the worker shares what the account has."
  value = {
    functions            = sort(keys(local.functions))
    function_names       = local.function_names
    timeouts_seconds     = { for key, function in local.functions : key => function.timeout_seconds }
    memory_mb            = { for key, function in local.functions : key => function.memory_mb }
    reserved_concurrency = var.worker.reserved_concurrency
    in_network           = sort([for key, function in local.functions : key if function.in_network && var.network != null])
    max_tokens           = var.settings.max_tokens
    turns_per_minute     = var.settings.turns_per_minute
    deadline_seconds     = var.settings.queue.deadline_seconds
  }
}
