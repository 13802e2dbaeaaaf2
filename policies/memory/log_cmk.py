"""A log group is encrypted with a key of the account."""

from __future__ import annotations

from aic_engine.attributes import is_own_key
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop


def decide(group: Resource, graph: Graph) -> Decision:
    return is_own_key(group, "kms_key_id")


RULE = Rule(
    id="CKV_AIC_MEM_011",
    name="log-cmk",
    title="Logs are encrypted with a customer managed key",
    severity=Severity.LOW,
    types=("aws_cloudwatch_log_group",),
    why="Logs hold who talked when, and sometimes what. A key of one's own says who may read them.",
    fix="""
kms_key_id = aws_kms_key.operations.arn
""",
    sources=("AWS docs, CloudWatch Logs user guide: encrypt log data using AWS KMS",),
    controls={
        "GDPR-32": "Logs are encrypted under a key whose use the operator controls.",
    },
    breaks=(drop("aws_cloudwatch_log_group", "kms_key_id"),),
    built_in="CKV_AWS_158 asks the same",
    decide=decide,
)
