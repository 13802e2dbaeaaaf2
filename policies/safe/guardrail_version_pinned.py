"""Every guardrail has a numbered version; without one, applications can only call its editable draft."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Unknown

EXPECTED = "an aws_bedrock_guardrail_version of this guardrail"


def decide(guardrail: Resource, graph: Graph) -> Decision:
    doubts: list[str] = []
    for version in graph.beside(guardrail, "aws_bedrock_guardrail_version"):
        target = graph.references(version, "guardrail_arn")
        if target.to(guardrail) and version.exists is True:
            return passed("", f"pinned by {version.address}")
        if target.to(guardrail) and isinstance(version.exists, Unknown):
            doubts.append(f"{version.address}: {version.exists.reason}")
        elif target.unresolved:
            doubts.append(f"{version.address}.guardrail_arn goes through {', '.join(target.unresolved)}")
    if doubts:
        return undecided("", expected=EXPECTED, value=Unknown("; ".join(doubts)))
    return failed("", expected=EXPECTED, actual="none", cure=CURE)


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
    decide=decide,
)
