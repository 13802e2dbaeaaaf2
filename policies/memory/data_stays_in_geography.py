"""Replicas and model calls do not leave the geography of the stack."""

from __future__ import annotations

import re

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown, Value, known_text
from aic_engine.weakening import set_to

_REGION = re.compile(r"\b(us-gov|us|eu|ap|sa|ca|me|af|il|mx|cn)-[a-z]+-\d\b")
_PROFILE = re.compile(r"inference-profile/(global|us-gov|us|eu|apac|jp|au|ca)\.")
_SAME = {"ap": "apac", "jp": "apac", "au": "apac"}
EXPECTED = "one geography"


def decide(resource: Resource, graph: Graph) -> Decision:
    if resource.type == "aws_dynamodb_table":
        blocks = each_block(resource, "replica")
        if isinstance(blocks, Unknown):
            return undecided("replica", expected=EXPECTED, value=blocks)
        if not blocks:
            return passed("replica", "no replica")
        found, value = _geographies([resource.get(f"{path}.region_name") for path in blocks])
        path = "replica[0].region_name"
        if value is None:
            found |= _own(resource, graph)
    else:
        path = "model_source[0].copy_from"
        found, value = _geographies([resource.get(path)])
    if "global" in found or len(found) > 1:
        cure = "use replicas and inference profiles of one geography, such as eu."
        return failed(path, expected=EXPECTED, actual=", ".join(sorted(found)), cure=cure)
    if value is not None:
        return undecided(path, expected=EXPECTED, value=value)
    return passed(path, ", ".join(sorted(found)))


def _own(table: Resource, graph: Graph) -> set[str]:
    """The geography that other tables and models of the root name."""
    arns = [each.get("model_source[0].copy_from") for each in graph.beside(table, "aws_bedrock_inference_profile")]
    return _geographies([value for value in arns if isinstance(value, Known)])[0] - {"global"}


def _geographies(values: list[Value]) -> tuple[set[str], Unknown | None]:
    found: set[str] = set()
    unknown: Unknown | None = None
    for value in values:
        text = known_text(value)
        found |= {match.group(1) for match in (*_REGION.finditer(text), *_PROFILE.finditer(text))}
        unknown = value if isinstance(value, Unknown) and not found else unknown
    return {_SAME.get(name, name) for name in found}, unknown


RULE = Rule(
    id="CKV_AIC_MEM_016",
    name="data-stays-in-geography",
    title="Memories and model calls stay in one geography",
    severity=Severity.HIGH,
    types=("aws_dynamodb_table", "aws_bedrock_inference_profile"),
    why=(
        "People were told where their conversations are. A replica or a global profile sends them elsewhere without a "
        "line of code."
    ),
    fix="""
model_source {
  copy_from = "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0"
}
""",
    sources=("AWS docs, Bedrock: cross-Region inference; profiles named global. route to any commercial Region",),
    controls={
        "GDPR-44": "Supports that personal data are not transferred to third countries unnoticed.",
    },
    breaks=(
        set_to(
            "aws_bedrock_inference_profile",
            "model_source[0].copy_from",
            "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/global.anthropic.claude-sonnet-4-20250514-v1:0",
        ),
    ),
    decide=decide,
)
