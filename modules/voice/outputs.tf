locals {
  requests_per_second = var.turns_per_second * var.sentences_per_turn
  # Neither service knows a resource of the deployment to name, so the region is what bounds where a voice is processed.
  in_region = { StringEquals = { "aws:RequestedRegion" = [var.region] } }
}

output "voice" {
  description = "By language: the voice to speak with, and the names of the vocabulary and the filter to listen with, \"\" where there is none."
  value = {
    voices = { for code, language in var.languages : code => { voice_id = language.voice_id, engine = language.engine } }
    vocabularies = {
      for code in keys(var.languages) : code => {
        vocabulary = try(aws_transcribe_vocabulary.this[code].vocabulary_name, "")
        filter     = try(aws_transcribe_vocabulary_filter.this[code].vocabulary_filter_name, "")
      }
    }
  }
}

output "grants" {
  description = "IAM statements by purpose: speak (Polly), listen (a presigned Transcribe stream). Both in the deployment's region only."
  value = {
    # Its only resource type is the lexicon, which a request need not name (AWS docs: Service Authorization Reference, Amazon Polly).
    speak = [{
      sid        = "Speak"
      effect     = "Allow"
      actions    = ["polly:SynthesizeSpeech"]
      resources  = ["*"]
      conditions = local.in_region
    }]
    # It takes no resource, and no condition key of its own (AWS docs: Service Authorization Reference, Amazon Transcribe).
    listen = [{
      sid        = "Listen"
      effect     = "Allow"
      actions    = ["transcribe:StartStreamTranscriptionWebSocket"]
      resources  = ["*"]
      conditions = local.in_region
    }]
  }
}

output "alarms" {
  description = "Names of this module's alarms: none."
  value       = []
}

output "capacity_contract" {
  description = "What can be said and heard at once, known at plan time. speech holds the engines in use."
  value = {
    turns_per_second           = var.turns_per_second
    sentences_per_turn         = var.sentences_per_turn
    speech_requests_per_second = local.requests_per_second
    max_turns_per_second       = min([for engine in local.engines : local.speech_quotas[engine] / var.sentences_per_turn]...)
    speech = {
      for engine in local.engines : engine => {
        requests_per_second = local.speech_quotas[engine]
        concurrent_requests = local.speech_concurrency[engine]
      }
    }
    transcription_streams = var.quotas.transcription_streams
  }
}
