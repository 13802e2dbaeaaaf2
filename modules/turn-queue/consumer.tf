# Apart from the queues, because the function needs their outputs: nothing that is an output may refer to this file.

resource "aws_lambda_event_source_mapping" "turns" {
  event_source_arn = aws_sqs_queue.turns.arn
  function_name    = var.consumer_arn
  # A batch would let one turn's failure repeat another turn, and one turn's slowness delay it.
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  scaling_config {
    maximum_concurrency = var.max_concurrency
  }
}
