locals {
  tables = {
    memory      = aws_dynamodb_table.memory
    connections = aws_dynamodb_table.connections
    state       = aws_dynamodb_table.state
  }
  # DynamoDB uses a customer-managed key on behalf of the caller, who therefore needs the right to it.
  use_key = {
    effect     = "Allow"
    actions    = ["kms:Decrypt", "kms:DescribeKey"]
    resources  = [var.kms_key_arn]
    conditions = { StringEquals = { "kms:ViaService" = ["dynamodb.${split(":", var.kms_key_arn)[3]}.amazonaws.com"] } }
  }
}

output "memory" {
  description = "The tables, the memory table's stream, the retention that writers apply, and whether deletion protection was lifted, and why."
  value = {
    tables              = { for key, table in local.tables : key => { name = table.name, arn = table.arn } }
    stream_arn          = aws_dynamodb_table.memory.stream_arn
    connections_by_user = "by_user"
    ttl_attribute       = "expires_at"
    retention_days      = var.retention_days
    deletion_protected  = local.deletion_protection
    break_glass_reason  = var.break_glass_reason
  }
}

output "grants" {
  description = "IAM statements by purpose, each on one table: authenticate (a ticket is spent once), admit (rate of a user), connect and disconnect, recall and recall_by_id (memories), remember, answer_once (state of a turn), erase (everything of one user), stream (expiry of vectors). None can scan."
  value = {
    authenticate = [
      {
        sid        = "SpendTicket"
        effect     = "Allow"
        actions    = ["dynamodb:ConditionCheckItem", "dynamodb:PutItem"]
        resources  = [aws_dynamodb_table.state.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToAuthenticate" }),
    ]
    admit = [
      {
        sid        = "CountTurns"
        effect     = "Allow"
        actions    = ["dynamodb:UpdateItem"]
        resources  = [aws_dynamodb_table.state.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToAdmit" }),
    ]
    connect = [
      {
        sid        = "KeepConnections"
        effect     = "Allow"
        actions    = ["dynamodb:DeleteItem", "dynamodb:PutItem"]
        resources  = [aws_dynamodb_table.connections.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptConnections" }),
    ]
    disconnect = [
      {
        sid        = "DropConnections"
        effect     = "Allow"
        actions    = ["dynamodb:DeleteItem"]
        resources  = [aws_dynamodb_table.connections.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToDisconnect" }),
    ]
    recall = [
      {
        sid        = "RecallTurns"
        effect     = "Allow"
        actions    = ["dynamodb:Query"]
        resources  = [aws_dynamodb_table.memory.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToRecall" }),
    ]
    recall_by_id = [
      {
        sid        = "RecallMemoriesById"
        effect     = "Allow"
        actions    = ["dynamodb:BatchGetItem"]
        resources  = [aws_dynamodb_table.memory.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToRecallById" }),
    ]
    remember = [
      {
        sid        = "Remember"
        effect     = "Allow"
        actions    = ["dynamodb:PutItem"]
        resources  = [aws_dynamodb_table.memory.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToRemember" }),
    ]
    answer_once = [
      {
        sid        = "KeepStateOfTurns"
        effect     = "Allow"
        actions    = ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem"]
        resources  = [aws_dynamodb_table.state.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptStateOfTurns" }),
    ]
    erase = [
      {
        sid        = "EraseUser"
        effect     = "Allow"
        actions    = ["dynamodb:BatchWriteItem"]
        resources  = [for table in local.tables : table.arn]
        conditions = {}
      },
      {
        sid        = "FindWhatToErase"
        effect     = "Allow"
        actions    = ["dynamodb:Query"]
        resources  = [aws_dynamodb_table.memory.arn, aws_dynamodb_table.state.arn, "${aws_dynamodb_table.connections.arn}/index/by_user"]
        conditions = {}
      },
      # What is still on its way must not be remembered after the erasure.
      {
        sid        = "LeaveTombstone"
        effect     = "Allow"
        actions    = ["dynamodb:PutItem"]
        resources  = [aws_dynamodb_table.state.arn]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptToErase" }),
    ]
    stream = [
      {
        sid        = "ReadMemoryStream"
        effect     = "Allow"
        actions    = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        resources  = [aws_dynamodb_table.memory.stream_arn]
        conditions = {}
      },
      # ListStreams is granted on the streams of a table, by wildcard only (AWS docs: Service Authorization Reference, Amazon DynamoDB).
      {
        sid        = "ListMemoryStreams"
        effect     = "Allow"
        actions    = ["dynamodb:ListStreams"]
        resources  = ["${aws_dynamodb_table.memory.arn}/stream/*"]
        conditions = {}
      },
      merge(local.use_key, { sid = "DecryptStream" }),
    ]
  }
}

output "alarms" {
  description = "Names of the alarms on throttling and server errors."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.throttles : alarm.alarm_name], [for alarm in aws_cloudwatch_metric_alarm.system_errors : alarm.alarm_name]))
}

output "capacity_contract" {
  description = "Retention and ceilings, known at plan time. Request units are null where there is no ceiling."
  value = {
    retention_days          = var.retention_days
    pitr_days               = var.pitr_days
    erasure_window_days     = var.pitr_days
    ttl_attribute           = "expires_at"
    max_read_request_units  = one(local.throughput_caps[*].read)
    max_write_request_units = one(local.throughput_caps[*].write)
  }
}
