"""A table's key, or that of an index, is the user: what belongs to one user is found without a scan."""

from __future__ import annotations

import re

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.tables import holds_locks
from aic_engine.values import Known, Unknown
from aic_engine.weakening import swap

_USER = re.compile(
    r"user|tenant|customer|member|account|subject|owner|profile|identity|^pk$|partition_?key", re.IGNORECASE
)
"""Names that mean a person, or a key that is composed (pk); a list of our own."""

EXPECTED = "hash_key, or that of a global secondary index, that names the user"
CURE = 'make hash_key "user_id", or add a global_secondary_index with hash_key = "user_id"'


def decide(table: Resource, graph: Graph) -> Decision:
    if locks := holds_locks(table):
        return locks
    keys = [table.get("hash_key")]
    blocks = each_block(table, "global_secondary_index")
    keys += [table.get(f"{path}.hash_key") for path in blocks] if isinstance(blocks, list) else []
    if any(isinstance(key, Known) and _USER.search(str(key.value)) for key in keys):
        return passed("hash_key")
    unknown = [value for value in (*keys, blocks) if isinstance(value, Unknown)]
    if unknown:
        return undecided("hash_key", expected=EXPECTED, value=unknown[0])
    return failed("hash_key", expected=EXPECTED, actual=keys[0], cure=CURE)


RULE = Rule(
    id="CKV_AIC_MEM_007",
    name="memory-by-user",
    title="Everything that a table holds of one user can be found",
    severity=Severity.CRITICAL,
    types=("aws_dynamodb_table",),
    why=(
        "A user asks for what is kept of them, or to be forgotten. Where nothing is keyed by user, the answer is a "
        "scan of everybody's memories, or a shrug."
    ),
    fix="""
hash_key  = "user_id"
range_key = "memory_id"
""",
    sources=("AWS docs, DynamoDB Developer Guide: best practices for partition keys; Scan reads every item",),
    controls={
        "GDPR-17": "What is kept of one person can be found, so that it can be erased.",
        "GDPR-15": "What is kept of one person can be found, so that it can be shown.",
        "SOC2-C1.2": "Confidential information can be identified for disposal.",
    },
    breaks=(swap("aws_dynamodb_table", "hash_key", "range_key", only=r"\.(memory|state)$"),),
    decide=decide,
)
