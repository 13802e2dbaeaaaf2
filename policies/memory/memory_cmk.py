"""A memory table is encrypted with a key of the account."""

from __future__ import annotations

from aic_engine.attributes import is_own_key, is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, worst
from aic_engine.tables import holds_locks
from aic_engine.weakening import drop, set_to


def decide(table: Resource, graph: Graph) -> Decision:
    if locks := holds_locks(table):
        return locks
    enabled = is_true(table, "server_side_encryption[0].enabled", cure="set server_side_encryption.enabled = true")
    key = is_own_key(table, "server_side_encryption[0].kms_key_arn")
    return worst([enabled, key])


RULE = Rule(
    id="CKV_AIC_MEM_006",
    name="memory-cmk",
    title="Memory tables are encrypted with a customer managed key",
    severity=Severity.MEDIUM,
    types=("aws_dynamodb_table",),
    why=(
        "With a key of one's own, who reads memories is decided and logged; without one, everybody who may read the "
        "table reads them."
    ),
    fix="""
server_side_encryption {
  enabled     = true
  kms_key_arn = aws_kms_key.personal.arn
}
""",
    sources=("AWS docs, DynamoDB Developer Guide: encryption at rest; without a key ARN, AWS's own key is used",),
    controls={
        "GDPR-32": "Memories are encrypted under a key whose use the operator controls and can withdraw.",
    },
    breaks=(
        drop("aws_dynamodb_table", "server_side_encryption"),
        set_to("aws_dynamodb_table", "server_side_encryption[0].enabled", False),
        drop("aws_dynamodb_table", "server_side_encryption[0].kms_key_arn"),
    ),
    built_in="CKV_AWS_119 asks the same; this also fails enabled = true without a key on a plan",
    decide=decide,
)
