"""An old guardrail version stays callable while a new one rolls out."""

from __future__ import annotations

from aic_engine.attributes import is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop, set_to


def decide(version: Resource, graph: Graph) -> Decision:
    return is_true(version, "skip_destroy", cure="set skip_destroy = true, and delete old versions in a later clean-up")


RULE = Rule(
    id="CKV_AIC_SAFE_004",
    name="guardrail-version-kept",
    title="A replaced guardrail version stays callable during the roll-out",
    severity=Severity.MEDIUM,
    types=("aws_bedrock_guardrail_version",),
    why=(
        "Functions that still run name the old version. Destroying it first makes each of their calls fail, and a "
        "handler that falls back to no guardrail then answers unmoderated."
    ),
    fix="""
resource "aws_bedrock_guardrail_version" "this" {
  guardrail_arn = aws_bedrock_guardrail.this.guardrail_arn
  skip_destroy  = true
}
""",
    sources=("AWS provider 5.100, aws_bedrock_guardrail_version: skip_destroy keeps the version when it is replaced",),
    controls={
        "GENSEC02-BP01": "The guardrail that responses were released with remains in force until nobody uses it."
    },
    breaks=(
        drop("aws_bedrock_guardrail_version", "skip_destroy"),
        set_to("aws_bedrock_guardrail_version", "skip_destroy", False),
    ),
    decide=decide,
)
