# Apart from the queues and keys, because the functions need their outputs: nothing that is an output may refer to this file.

resource "aws_lambda_event_source_mapping" "erasures" {
  event_source_arn        = aws_sqs_queue.erasures.arn
  function_name           = var.eraser_arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  # Deleting is heavy on the stores, and nobody waits for it: turns come first.
  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_lambda_event_source_mapping" "vector_expiry" {
  for_each = local.vector_expiry

  event_source_arn = each.value.stream_arn
  function_name    = each.value.function_arn
  # LATEST would skip what was deleted between the table's creation and the mapping's.
  starting_position = "TRIM_HORIZON"
  batch_size        = 100
  # Without it, a function that reports failures would be taken at its word that all went well.
  function_response_types        = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error = true
  # A store that is away for an hour is waited for; a record that can never be handled blocks its shard for half a day at the most,
  # and is then still in the stream, which keeps records for a day (AWS docs: Lambda, DynamoDB event source mapping).
  maximum_retry_attempts        = 100
  maximum_record_age_in_seconds = 43200
  tags                          = var.tags

  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["REMOVE"] })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.vector_expiry_failures[each.key].arn
    }
  }
}
