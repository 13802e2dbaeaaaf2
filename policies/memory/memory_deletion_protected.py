"""A memory table is protected from deletion."""

from __future__ import annotations

from aic_engine.attributes import is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.tables import holds_locks
from aic_engine.weakening import drop, set_to


def decide(table: Resource, graph: Graph) -> Decision:
    if locks := holds_locks(table):
        return locks
    return is_true(table, "deletion_protection_enabled", cure="set deletion_protection_enabled = true")


RULE = Rule(
    id="CKV_AIC_MEM_005",
    name="memory-deletion-protected",
    title="Memory tables cannot be deleted by accident",
    severity=Severity.HIGH,
    types=("aws_dynamodb_table",),
    why="A renamed table, or a destroy in the wrong workspace, and every user's companion has forgotten them.",
    fix="""
deletion_protection_enabled = true
""",
    sources=("AWS docs, Security Hub controls reference: DynamoDB.6",),
    controls={
        "FSBP-DynamoDB.6": "Deletion protection is on for each table.",
        "GDPR-32": "Personal data stay available through an operator's mistake.",
    },
    breaks=(
        set_to("aws_dynamodb_table", "deletion_protection_enabled", False),
        drop("aws_dynamodb_table", "deletion_protection_enabled"),
    ),
    decide=decide,
)
