"""No role may do everything with Polly, Transcribe or Comprehend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import IDENTITY_POLICIES, policies_of, statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Unknown
from aic_engine.weakening import edit

SPEAKS = (
    "polly:SynthesizeSpeech",
    "transcribe:StartStreamTranscription",
    "transcribe:StartStreamTranscriptionWebSocket",
)
MANAGES = (
    "polly:DeleteLexicon",
    "transcribe:DeleteTranscriptionJob",
    "transcribe:ListTranscriptionJobs",
    "polly:ListLexicons",
)
EXPECTED = "polly:SynthesizeSpeech, transcribe:StartStreamTranscription… and no wildcard"
CURE = "name the actions that the code calls"


def decide(policy: Resource, graph: Graph) -> Decision:
    paths = policies_of(policy)
    if isinstance(paths, Unknown):
        return undecided("inline_policy", expected=EXPECTED, value=paths)
    decisions = [decision for path in paths for decision in _document(policy, path)]
    return worst(decisions) if decisions else not_applicable("it speaks and hears nothing")


def _document(policy: Resource, path: str) -> Iterator[Decision]:
    read = statements(policy.get(path))
    if isinstance(read, Unknown):
        yield undecided(path, expected=EXPECTED, value=read)
        return
    for each in read:
        speaks, manages = each.allows(*SPEAKS), each.allows(*MANAGES)
        if speaks and manages:
            yield failed(path, expected=EXPECTED, actual=f"{each.label} allows more than speech", cure=CURE)
        elif speaks is None and manages is None:
            unread = Unknown(f"actions of {each.label} are not known", "write them out")
            yield undecided(path, expected=EXPECTED, value=unread)
        elif speaks:
            yield passed(path, each.label)


def every_action(document: Any) -> Any:
    """Who speaks may do everything with Polly."""
    speaking = [each for each in document["Statement"] if "polly:SynthesizeSpeech" in str(each.get("Action"))]
    if not speaking:
        return None
    changed = [{**each, "Action": "polly:*"} if each in speaking else each for each in document["Statement"]]
    return {**document, "Statement": changed}


RULE = Rule(
    id="CKV_AIC_VOICE_003",
    name="speech-scoped",
    title="Speech services are allowed by the action",
    severity=Severity.LOW,
    types=tuple(IDENTITY_POLICIES),
    why="Who may list and fetch transcription jobs reads what other users said.",
    fix="""
Action = ["polly:SynthesizeSpeech"]
""",
    sources=("AWS docs, Service Authorization Reference: Amazon Polly; Amazon Transcribe",),
    controls={
        "SOC2-CC6.3": "Access follows least privilege.",
        "OWASP-LLM06": "A manipulated function can only speak and hear.",
    },
    breaks=(edit("aws_iam_role_policy", "policy", every_action),),
    decide=decide,
)
