"""Where a role transcribes speech, the configuration has a vocabulary filter."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.iam import statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Unknown
from aic_engine.weakening import delete

TRANSCRIBES = (
    "transcribe:StartStreamTranscriptionWebSocket",
    "transcribe:StartStreamTranscription",
    "transcribe:StartTranscriptionJob",
)
ENTRIES = ("aws_apigatewayv2_api", "aws_api_gateway_rest_api", "aws_lambda_function_url", "aws_lb")
EXPECTED = "an aws_transcribe_vocabulary_filter"


def decide(policy: Resource, graph: Graph) -> Decision:
    read = statements(policy.get("policy"))
    if isinstance(read, Unknown):
        return undecided("policy", expected=EXPECTED, value=read)
    allows = [each.allows(*TRANSCRIBES) for each in read]
    if True not in allows and None not in allows:
        return not_applicable("it transcribes nothing")
    if not graph.beside(policy, *ENTRIES):
        return not_applicable("nobody can speak to this configuration")
    filters = graph.beside(policy, "aws_transcribe_vocabulary_filter")
    if any(each.exists is True for each in filters):
        return passed("policy")
    if None in allows and True not in allows:
        return undecided("policy", expected=EXPECTED, value=Unknown("what it allows is not known", "write it out"))
    if any(isinstance(each.exists, Unknown) for each in filters):
        return undecided("policy", expected=EXPECTED, value=doubt("whether the filter exists is not known"))
    cure = "add an aws_transcribe_vocabulary_filter, and name it in every stream"
    return failed("policy", expected=EXPECTED, actual="none", cure=cure)


RULE = Rule(
    id="CKV_AIC_VOICE_002",
    name="speech-filtered",
    title="What is heard is filtered",
    severity=Severity.LOW,
    types=("aws_iam_role_policy", "aws_iam_policy"),
    why=(
        "Slurs that a transcript repeats are stored, and spoken back. The filter masks them before the model reads "
        "them."
    ),
    fix="""
resource "aws_transcribe_vocabulary_filter" "this" {
  vocabulary_filter_name = "companion"
  language_code          = "en-US"
  words                  = var.filtered_words
}
""",
    sources=("AWS docs, Transcribe: vocabulary filtering",),
    controls={
        "GENSEC04-BP02": "Spoken input is sanitized before it is used.",
    },
    breaks=(delete("aws_transcribe_vocabulary_filter"),),
    decide=decide,
)
