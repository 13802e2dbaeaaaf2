"""A guardrail's policy is encrypted with a key of the account."""

from __future__ import annotations

from aic_engine.attributes import is_own_key
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop


def decide(guardrail: Resource, graph: Graph) -> Decision:
    return is_own_key(guardrail, "kms_key_arn")


RULE = Rule(
    id="CKV_AIC_SAFE_010",
    name="guardrail-cmk",
    title="A guardrail is encrypted with a customer managed key",
    severity=Severity.MEDIUM,
    types=("aws_bedrock_guardrail",),
    why="The denied words and topics tell an attacker what to avoid; a key of one's own says who may read them.",
    fix="""
kms_key_arn = aws_kms_key.operations.arn
""",
    sources=("AWS API reference, Bedrock: CreateGuardrail, kmsKeyId",),
    controls={"GDPR-32": "What the guardrail holds is encrypted under a key whose use the operator controls."},
    breaks=(drop("aws_bedrock_guardrail", "kms_key_arn"),),
    decide=decide,
)
