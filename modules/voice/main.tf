locals {
  # SynthesizeSpeech requests a second (AWS docs: quotas in Amazon Polly).
  default_speech_quotas = {
    generative = 8
    long-form  = 8
    neural     = 8
    standard   = 80
  }
  speech_quotas = merge(local.default_speech_quotas, var.quotas.speech_requests_per_second)
  # Requests in progress at once, of an account in a region (AWS docs: quotas in Amazon Polly).
  speech_concurrency = {
    generative = 26
    long-form  = 26
    neural     = 18
    standard   = 80
  }
  engines = toset([for language in var.languages : language.engine])

  vocabularies = { for code, language in var.languages : code => language.phrases if length(language.phrases) > 0 }
  filters      = { for code, language in var.languages : code => language.filtered_words if length(language.filtered_words) > 0 }
}

resource "aws_transcribe_vocabulary" "this" {
  for_each = local.vocabularies

  vocabulary_name = "${var.name}-vocabulary-${each.key}"
  language_code   = each.key
  phrases         = sort(each.value)
  tags            = var.tags
}

resource "aws_transcribe_vocabulary_filter" "this" {
  for_each = local.filters

  vocabulary_filter_name = "${var.name}-filter-${each.key}"
  language_code          = each.key
  words                  = sort(each.value)
  tags                   = var.tags
}
