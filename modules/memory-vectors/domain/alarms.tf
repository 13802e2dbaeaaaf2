locals {
  # Metrics and limits: AWS docs, "Recommended CloudWatch alarms for Amazon OpenSearch Service".
  alarms = {
    cluster-red      = { metric = "ClusterStatus.red", statistic = "Maximum", at_least = 1, periods = 1, cure = "a primary shard is on no node" }
    writes-blocked   = { metric = "ClusterIndexWritesBlocked", statistic = "Maximum", at_least = 1, periods = 5, cure = "storage or memory is short, and memories are not stored" }
    key-inaccessible = { metric = "KMSKeyInaccessible", statistic = "Maximum", at_least = 1, periods = 1, cure = "give the service its grant on the key back" }
    memory-pressure  = { metric = "JVMMemoryPressure", statistic = "Maximum", at_least = 95, periods = 3, cure = "use a larger instance type" }
    cpu              = { metric = "CPUUtilization", statistic = "Average", at_least = 80, periods = 15, cure = "add nodes or use a larger instance type" }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-vectors-${each.key}"
  alarm_description   = "OpenSearch domain ${var.name}: ${each.value.metric} is ${each.value.at_least} or more; ${each.value.cure}."
  namespace           = "AWS/ES"
  metric_name         = each.value.metric
  dimensions          = { DomainName = var.name, ClientId = local.account }
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.at_least
  period              = 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "storage" {
  alarm_name          = "${var.name}-vectors-storage"
  alarm_description   = "OpenSearch domain ${var.name}: a node has less than a quarter of its volume left; raise volume_gib."
  namespace           = "AWS/ES"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DomainName = var.name, ClientId = local.account }
  statistic           = "Minimum"
  comparison_operator = "LessThanOrEqualToThreshold"
  # The metric is in MiB for the emptiest node.
  threshold          = var.settings.volume_gib * 1024 / 4
  period             = 60
  evaluation_periods = 5
  treat_missing_data = "notBreaching"
  alarm_actions      = var.alarm_topic_arns
  ok_actions         = var.alarm_topic_arns
  tags               = var.tags
}
