# What the free LocalStack has, too: memory, functions and what watches them.

provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "me" {}

resource "aws_kms_key" "personal" {
  description         = "Personal data"
  enable_key_rotation = true
}

resource "aws_kms_alias" "personal" {
  name          = "alias/companion-prod-personal"
  target_key_id = aws_kms_key.personal.id
}

# The module turn-queue has a policy besides that LocalStack never removes.
resource "aws_sqs_queue" "turns" {
  name                       = "companion-prod-turns.fifo"
  fifo_queue                 = true
  visibility_timeout_seconds = 6 * 30
  kms_master_key_id          = aws_kms_key.personal.arn
}

resource "aws_sqs_queue_policy" "turns" {
  queue_url = aws_sqs_queue.turns.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyWithoutTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = aws_sqs_queue.turns.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_lambda_event_source_mapping" "turns" {
  event_source_arn        = aws_sqs_queue.turns.arn
  function_name           = module.turn_handler.handlers.functions.worker.arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 5
  }
}

resource "aws_lambda_permission" "connect" {
  statement_id  = "connect"
  action        = "lambda:InvokeFunction"
  function_name = module.turn_handler.handlers.functions.connection.name
  principal     = "apigateway.amazonaws.com"
}

module "memory_hot" {
  source = "../../../../modules/memory-hot"

  name               = "companion-prod"
  kms_key_arn        = aws_kms_key.personal.arn
  alarm_topic_arns   = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]
  break_glass_reason = "the apply test destroys its tables again"

  retention_days = 90
  pitr_days      = 7
}

module "turn_handler" {
  source = "../../../../modules/turn-handler"

  name             = "companion-prod"
  account_id       = data.aws_caller_identity.me.account_id
  region           = "eu-central-1"
  kms_key_arn      = aws_kms_key.personal.arn
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]
  features         = []

  settings = {
    memory               = module.memory_hot.memory
    ticket_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
    queue                = { url = "https://sqs.eu-central-1.amazonaws.com/111122223333/companion-prod-turns.fifo", deadline_seconds = 4 }
    erasure_queue        = { url = "https://sqs.eu-central-1.amazonaws.com/111122223333/companion-prod-erasure" }
    connections_endpoint = "https://abcdef1234.execute-api.eu-central-1.amazonaws.com/live"
    guardrail            = { id = "abcdef123456", version = "3" }
    model                = { engine = "bedrock", id = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abcdef123456" }
    persona = {
      prompt          = "You are Robin, a kind companion. Never claim to be human."
      disclosure      = "Hi, I am Robin. I am an AI, not a person."
      crisis_referral = "If you are thinking about hurting yourself, you are not alone: call 112."
    }
  }

  grants = {
    authorizer = module.memory_hot.grants.authenticate
    connection = module.memory_hot.grants.connect
    ingest     = module.memory_hot.grants.admit
    worker     = module.memory_hot.grants.recall
    erase      = module.memory_hot.grants.erase
  }
}

module "observability" {
  source = "../../../../modules/observability"

  name             = "companion-prod"
  account_id       = data.aws_caller_identity.me.account_id
  region           = "eu-central-1"
  alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]

  alarms = {
    handlers = module.turn_handler.alarms
    memory   = module.memory_hot.alarms
  }

  sources = {
    api_id         = "abcdef1234"
    queue_name     = "companion-prod-turns.fifo"
    function_names = module.turn_handler.capacity_contract.function_names
    table_names    = { for key, table in module.memory_hot.memory.tables : key => table.name }
    guardrail      = { arn = "arn:aws:bedrock:eu-central-1:111122223333:guardrail/abcdef123456", version = "3" }
    model          = { engine = "bedrock", id = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abcdef123456" }
  }
}

output "memory" {
  value = module.memory_hot.memory
}

output "queue" {
  value = aws_sqs_queue.turns.url
}

output "functions" {
  value = module.turn_handler.handlers.functions
}
