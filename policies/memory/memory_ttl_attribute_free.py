"""The attribute that expires items is no key of the table, and what writers are told to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Absent, Known, Unknown, Value, show
from aic_engine.weakening import set_to

_TOLD = re.compile(r"(TTL|EXPIR\w*)_?ATTR", re.IGNORECASE)
CURE = "expire by an attribute of its own, such as expires_at, and write that one"


def decide(table: Resource, graph: Graph) -> Decision:
    name = table.get("ttl[0].attribute_name")
    if isinstance(name, Absent):
        return not_applicable("it has no TTL attribute; memory-ttl-enabled judges that")
    if isinstance(name, Unknown):
        return undecided("ttl[0].attribute_name", expected="an attribute that is no key", value=name)
    keys = [table.get("hash_key"), table.get("range_key"), *_index_keys(table)]
    if name in keys:
        return failed("ttl[0].attribute_name", expected="an attribute that is no key", actual=name, cure=CURE)
    told = list(_told(table, graph))
    if told and all(value != name for value in told if isinstance(value, Known)) and not _any_unknown(told):
        actual = f"writers are told {show(told[0])}"
        return failed("ttl[0].attribute_name", expected=actual, actual=name, cure=CURE)
    if doubtful := [value for value in keys if isinstance(value, Unknown)]:
        return undecided("ttl[0].attribute_name", expected="an attribute that is no key", value=doubtful[0])
    return passed("ttl[0].attribute_name", show(name))


def _index_keys(table: Resource) -> Iterator[Value]:
    for kind in ("global_secondary_index", "local_secondary_index"):
        blocks = each_block(table, kind)
        for path in blocks if isinstance(blocks, list) else ():
            yield from (table.get(f"{path}.hash_key"), table.get(f"{path}.range_key"))


def _told(table: Resource, graph: Graph) -> Iterator[Value]:
    """What the functions of this root are told to write."""
    for function in graph.beside(table, "aws_lambda_function"):
        variables = function.get("environment[0].variables")
        if isinstance(variables, Known) and isinstance(variables.value, dict):
            named = [name for name in variables.value if _TOLD.search(name)]
            yield from (function.get(f"environment[0].variables.{name}") for name in named)


def _any_unknown(values: Iterable[Value]) -> bool:
    return any(isinstance(value, Unknown) for value in values)


RULE = Rule(
    id="CKV_AIC_MEM_003",
    name="memory-ttl-attribute-free",
    title="The TTL attribute is no key, and is the one that writers are told",
    severity=Severity.HIGH,
    types=("aws_dynamodb_table",),
    why=(
        "DynamoDB expires by one attribute, and ignores items without it. Where writers write another, or a key that "
        "holds no epoch time, nothing ever expires and nothing says so."
    ),
    fix="""
ttl {
  attribute_name = "expires_at"
  enabled        = true
}
""",
    sources=(
        ("AWS docs, DynamoDB Developer Guide: TTL ignores items without the attribute, or with one that is no number"),
        "Which variables tell the attribute is assumed: names like TTL_ATTRIBUTE or EXPIRY_ATTRIBUTE",
    ),
    controls={
        "GDPR-5.1.e": "What is to expire carries the attribute by which it expires.",
    },
    breaks=(set_to("aws_dynamodb_table", "ttl[0].attribute_name", "user_id", only=r"\.(memory|state)$"),),
    decide=decide,
)
