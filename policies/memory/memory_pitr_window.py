"""The window of point-in-time recovery is written out: erased memories live on in it."""

from __future__ import annotations

from aic_engine.attributes import is_between
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Parameter, Rule, Severity, not_applicable
from aic_engine.tables import holds_locks
from aic_engine.values import as_bool
from aic_engine.weakening import drop

WINDOW = Parameter(
    "pitr_window_days", 35, "days", "AWS docs, DynamoDB Developer Guide: point-in-time recovery keeps 1 to 35 days"
)
PATH = "point_in_time_recovery[0].recovery_period_in_days"


def decide(table: Resource, graph: Graph) -> Decision:
    if locks := holds_locks(table):
        return locks
    if as_bool(table.get("point_in_time_recovery[0].enabled")) is False:
        return not_applicable("it has no point-in-time recovery; memory-pitr-enabled judges that")
    cure = f"set recovery_period_in_days to at most {WINDOW.of(graph):g}, and promise erasure only after it"
    return is_between(table, PATH, 1, WINDOW.of(graph), unit="days", cure=cure)


RULE = Rule(
    id="CKV_AIC_MEM_004",
    name="memory-pitr-window",
    title="How long deleted memories can be restored is declared",
    severity=Severity.MEDIUM,
    types=("aws_dynamodb_table",),
    why=(
        "Whoever has their memories erased is told when they are gone. They can be restored for as long as this "
        "window, so it must be a decision, not a default."
    ),
    fix="""
point_in_time_recovery {
  enabled                 = true
  recovery_period_in_days = 14
}
""",
    sources=("AWS provider 5.100, aws_dynamodb_table: recovery_period_in_days, 1 to 35, default 35",),
    controls={
        "GDPR-17": "How long an erased memory can still be restored is known and bounded.",
        "FSBP-DynamoDB.2": "Recovery is on for a stated window.",
    },
    breaks=(drop("aws_dynamodb_table", "point_in_time_recovery[0].recovery_period_in_days"),),
    parameters=(WINDOW,),
    decide=decide,
)
