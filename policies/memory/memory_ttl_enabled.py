"""Every memory table lets old items expire."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require, worst
from aic_engine.tables import holds_locks
from aic_engine.values import Known, Value, as_bool
from aic_engine.weakening import drop, set_to


def decide(table: Resource, graph: Graph) -> Decision:
    if locks := holds_locks(table):
        return locks
    enabled = require(
        table,
        "ttl[0].enabled",
        lambda value: as_bool(value) is True,
        expected="true",
        cure='add ttl { attribute_name = "expires_at", enabled = true }, and write that attribute with every item',
    )
    named = require(
        table,
        "ttl[0].attribute_name",
        _is_name,
        expected="the name of the attribute that holds the expiry time",
        cure='set ttl.attribute_name, for example to "expires_at"',
    )
    return worst([enabled, named])


def _is_name(value: Value) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str) and bool(value.value)


RULE = Rule(
    id="CKV_AIC_MEM_001",
    name="memory-ttl-enabled",
    title="DynamoDB memory expires: TTL is enabled",
    severity=Severity.HIGH,
    types=("aws_dynamodb_table",),
    why="Without TTL a companion remembers for ever what a user told it: a privacy risk that grows with every turn.",
    fix="""
ttl {
  attribute_name = "expires_at"
  enabled        = true
}
""",
    sources=(
        "AWS docs, DynamoDB Developer Guide: Using time to live (TTL)",
        "AWS provider 5.100: ttl.enabled defaults to false",
    ),
    controls={
        "GDPR-5.1.e": "Memories expire by themselves.",
        "COPPA-312.10": "Supports keeping a child's data no longer than reasonably necessary.",
    },
    breaks=(
        set_to("aws_dynamodb_table", "ttl[0].enabled", False),
        drop("aws_dynamodb_table", "ttl"),
    ),
    decide=decide,
)
