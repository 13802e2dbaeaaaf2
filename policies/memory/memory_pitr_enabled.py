"""Every memory table, and every replica of it, can be restored to a point in time."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require, undecided, worst
from aic_engine.tables import holds_locks
from aic_engine.values import Unknown, Value, as_bool
from aic_engine.weakening import drop, set_to

CURE = "set {} = true"


def decide(resource: Resource, graph: Graph) -> Decision:
    if resource.type == "aws_dynamodb_table_replica":
        return _enabled(resource, "point_in_time_recovery")
    if locks := holds_locks(resource):
        return locks
    decisions = [_enabled(resource, "point_in_time_recovery[0].enabled")]
    replicas = resource.blocks("replica")
    if isinstance(replicas, Unknown):
        decisions.append(undecided("replica", expected="replicas with point-in-time recovery", value=replicas))
    else:
        decisions += [_enabled(resource, f"replica[{at}].point_in_time_recovery") for at in range(replicas)]
    return worst(decisions)


def _enabled(resource: Resource, path: str) -> Decision:
    def holds(value: Value) -> bool:
        return as_bool(value) is True

    return require(resource, path, holds, expected="true", cure=CURE.format(path.replace("[0]", "")))


RULE = Rule(
    id="CKV_AIC_MEM_002",
    name="memory-pitr-enabled",
    title="DynamoDB memory can be restored: point-in-time recovery is on",
    severity=Severity.HIGH,
    types=("aws_dynamodb_table", "aws_dynamodb_table_replica"),
    why="One bad write can erase what users and their companion share; without PITR it cannot be brought back.",
    fix="""
point_in_time_recovery {
  enabled = true
}
""",
    sources=(
        "AWS docs, Security Hub controls reference: DynamoDB.2",
        "AWS provider 5.100: replica.point_in_time_recovery defaults to false",
    ),
    built_in="CKV_AWS_28 decides the table itself; this adds replicas and answers unknown where HCL cannot tell",
    controls={
        "FSBP-DynamoDB.2": "Point-in-time recovery is on for each table.",
        "GDPR-32": "Availability of personal data can be restored after an incident.",
    },
    breaks=(
        set_to("aws_dynamodb_table", "point_in_time_recovery[0].enabled", False),
        drop("aws_dynamodb_table", "point_in_time_recovery"),
    ),
    decide=decide,
)
