output "observability" {
  description = "The dashboard; the composite alarms critical, background (null without background_parts) and by part; the objectives' alarms."
  value = {
    dashboard        = { name = aws_cloudwatch_dashboard.this.dashboard_name, arn = aws_cloudwatch_dashboard.this.dashboard_arn }
    critical         = { name = aws_cloudwatch_composite_alarm.critical.alarm_name, arn = aws_cloudwatch_composite_alarm.critical.arn }
    background       = one([for alarm in aws_cloudwatch_composite_alarm.background : { name = alarm.alarm_name, arn = alarm.arn }])
    parts            = { for part, alarm in aws_cloudwatch_composite_alarm.part : part => alarm.alarm_name }
    objective_alarms = sort(local.objective_alarms)
  }
}

output "grants" {
  description = "IAM statements by purpose: none."
  value       = {}
}

output "alarms" {
  description = "Names of this module's own alarms: the objectives' and the composite ones."
  value = sort(concat(
    local.objective_alarms,
    [aws_cloudwatch_composite_alarm.critical.alarm_name],
    [for alarm in aws_cloudwatch_composite_alarm.background : alarm.alarm_name],
    [for alarm in aws_cloudwatch_composite_alarm.part : alarm.alarm_name],
  ))
}

output "capacity_contract" {
  description = "The objectives, and which parts wake somebody, known at plan time."
  value = {
    slo              = var.slo
    critical_parts   = local.critical_parts
    background_parts = local.background_parts
    watched_alarms   = sum(concat([0], [for names in local.parts : length(names)]))
  }
}
