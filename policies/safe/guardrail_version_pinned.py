"""Every guardrail has a numbered version; without one, applications can only call its editable draft."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import set_to

EXPECTED = "an aws_bedrock_guardrail_version of this guardrail"


def decide(guardrail: Resource, graph: Graph) -> Decision:
    doubts: list[str] = []
    for version in graph.beside(guardrail, "aws_bedrock_guardrail_version"):
        is_its_own = _is_version_of(version, guardrail, graph)
        if is_its_own is True and version.exists is True:
            return passed("", f"pinned by {version.address}")
        if is_its_own is True and isinstance(version.exists, Unknown):
            doubts.append(f"{version.address}: {version.exists.reason}")
        elif isinstance(is_its_own, Unknown):
            doubts.append(f"{version.address}.guardrail_arn {is_its_own.reason}")
    if doubts:
        return undecided("", expected=EXPECTED, value=Unknown("; ".join(doubts)))
    return failed("", expected=EXPECTED, actual="none", cure=CURE)


def _is_version_of(version: Resource, guardrail: Resource, graph: Graph) -> bool | Unknown:
    arn = version.get("guardrail_arn")
    if not isinstance(arn, Unknown):
        return isinstance(arn, Known) and arn == guardrail.get("guardrail_arn")
    sources = graph.sources(version, "guardrail_arn")
    if sources is None:
        target = graph.references(version, "guardrail_arn")
        if target.unresolved:
            return Unknown(f"goes through {', '.join(target.unresolved)}")
        return Unknown("is computed") if target.to(guardrail) else False
    if all(source.resource is not guardrail for source in sources):
        return False
    if {source.resource for source in sources if source.takes(*ARN)} != {guardrail}:
        return Unknown("may be that of another resource")
    return True if _has_one_for_each(version, guardrail) else Unknown("is not that of every instance for certain")


def _has_one_for_each(version: Resource, guardrail: Resource) -> bool:
    """HCL shows blocks, not instances: both must be repeated by the same expression, or the guardrail not at all."""
    if guardrail.repetition and (version.scope, version.repetition) != (guardrail.scope, guardrail.repetition):
        return False
    scope, own = guardrail.scope, version.scope
    while scope.parent is not None and not scope.repetition:
        scope = scope.parent
    while own is not scope and own.parent is not None:
        own = own.parent
    return own is scope


ARN = ("guardrail_arn", "guardrail_id")
"""Attributes of a guardrail that its ARN is made of."""

CURE = (
    "add an aws_bedrock_guardrail_version with guardrail_arn = <this guardrail>.guardrail_arn and give applications "
    "its version"
)

RULE = Rule(
    id="CKV_AIC_SAFE_001",
    name="guardrail-version-pinned",
    title="Bedrock guardrail is published as a numbered version",
    severity=Severity.CRITICAL,
    types=("aws_bedrock_guardrail",),
    why="A guardrail without a version is DRAFT only: an edit in the console changes at once what reaches users.",
    fix="""
resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  description   = "policy sha256:${local.fingerprint}"
  skip_destroy  = true
}
""",
    sources=("AWS docs, Amazon Bedrock User Guide: Deploy your guardrail (versions are immutable, DRAFT is not)",),
    controls={
        "GENSEC02-BP01": "The guardrail that was reviewed is the one that runs.",
        "SOC2-CC8.1": "A change of the guardrail reaches users by a release, not by an edit.",
    },
    breaks=(
        set_to(
            "aws_bedrock_guardrail_version",
            "guardrail_arn",
            "arn:aws:bedrock:eu-central-1:111122223333:guardrail/another12345",
        ),
    ),
    decide=decide,
)
