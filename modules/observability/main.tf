locals {
  partition = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"

  # A composite alarm takes 100 alarms (AWS API reference: PutCompositeAlarm), so parts are rolled up first.
  parts      = { for part, names in var.alarms : part => sort(distinct(names)) if length(names) > 0 }
  part_names = toset(keys(local.parts))
  part_rules = { for part, names in local.parts : part => join(" OR ", [for name in names : "ALARM(\"${name}\")"]) }

  critical_parts   = sort(setsubtract(local.part_names, var.background_parts))
  background_parts = sort(setintersection(local.part_names, var.background_parts))
  # Without such parts there is no such alarm.
  background = toset([for parts in [local.background_parts] : "background" if length(parts) > 0])
}

# Parts notify nobody: each of their alarms has done so. They say on the dashboard where to look.
resource "aws_cloudwatch_composite_alarm" "part" {
  for_each = local.part_rules

  alarm_name        = "${var.name}-part-${each.key}"
  alarm_description = "Part ${each.key} of ${var.name}: one of its alarms is raised."
  alarm_rule        = each.value
  tags              = var.tags
}

resource "aws_cloudwatch_composite_alarm" "critical" {
  alarm_name        = "${var.name}-critical"
  alarm_description = "Users of ${var.name} notice, or a promise to them is at risk: look at dashboard ${local.dashboard_name} now."
  alarm_actions     = var.alarm_topic_arns
  ok_actions        = var.alarm_topic_arns
  tags              = var.tags

  alarm_rule = join(" OR ", [for name in concat(
    [for part in local.critical_parts : aws_cloudwatch_composite_alarm.part[part].alarm_name],
    local.objective_alarms,
  ) : "ALARM(\"${name}\")"])

  dynamic "actions_suppressor" {
    for_each = var.suppressor[*]
    content {
      alarm            = actions_suppressor.value.alarm
      wait_period      = actions_suppressor.value.wait_seconds
      extension_period = actions_suppressor.value.extension_seconds
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "background" {
  for_each = local.background

  alarm_name        = "${var.name}-background"
  alarm_description = "A part of ${var.name} that users do not wait for needs work: ${join(", ", local.background_parts)}."
  alarm_rule        = join(" OR ", [for part in local.background_parts : "ALARM(\"${aws_cloudwatch_composite_alarm.part[part].alarm_name}\")"])
  alarm_actions     = var.alarm_topic_arns
  ok_actions        = var.alarm_topic_arns
  tags              = var.tags

  dynamic "actions_suppressor" {
    for_each = var.suppressor[*]
    content {
      alarm            = actions_suppressor.value.alarm
      wait_period      = actions_suppressor.value.wait_seconds
      extension_period = actions_suppressor.value.extension_seconds
    }
  }
}
