"""A table is on demand, or its capacity scales."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.links import pointing_at
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import set_to

EXPECTED = "PAY_PER_REQUEST, or an aws_appautoscaling_target for the table"


def decide(table: Resource, graph: Graph) -> Decision:
    mode = table.get("billing_mode")
    if isinstance(mode, Unknown):
        return undecided("billing_mode", expected=EXPECTED, value=mode)
    if mode == Known("PAY_PER_REQUEST"):
        return passed("billing_mode", "on demand")
    sure, maybe = pointing_at(table, graph, "aws_appautoscaling_target", "resource_id")
    named = table.get("name")
    if isinstance(named, Known):
        texts_ = [each.get("resource_id") for each in graph.beside(table, "aws_appautoscaling_target")]
        sure += [table for each in texts_ if each == Known(f"table/{named.value}")]
    if sure:
        return passed("billing_mode", "its capacity scales")
    if maybe:
        return undecided("billing_mode", expected=EXPECTED, value=doubt("which table a target scales is not known"))
    cure = 'set billing_mode = "PAY_PER_REQUEST"'
    return failed("billing_mode", expected=EXPECTED, actual="PROVISIONED, not scaled", cure=cure)


RULE = Rule(
    id="CKV_AIC_SCALE_012",
    name="table-scales",
    title="A memory table takes what comes",
    severity=Severity.MEDIUM,
    types=("aws_dynamodb_table",),
    why=(
        "A fixed capacity is a ceiling on how many people may be remembered at once; above it, the companion forgets "
        "mid-sentence."
    ),
    fix="""
billing_mode = "PAY_PER_REQUEST"
""",
    sources=(
        "AWS docs, Security Hub controls reference: DynamoDB.1",
        "AWS provider 5.100: billing_mode defaults to PROVISIONED",
    ),
    controls={
        "FSBP-DynamoDB.1": "Tables scale with demand.",
        "SOC2-A1.2": "Capacity of memory follows use.",
    },
    breaks=(set_to("aws_appautoscaling_target", "resource_id", "table/another", only=r"\.facts$"),),
    decide=decide,
)
