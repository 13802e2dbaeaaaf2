"""A log group keeps what it holds for a bounded time."""

from __future__ import annotations

from aic_engine.attributes import is_between
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Parameter, Rule, Severity
from aic_engine.weakening import drop, set_to

LONGEST = Parameter("log_retention_days", 365, "days", "assumed: a year covers yearly reviews and seasonal incidents")


def decide(group: Resource, graph: Graph) -> Decision:
    longest = LONGEST.of(graph)
    cure = f"set retention_in_days to at most {longest:g}; 0 and nothing mean for ever"
    return is_between(group, "retention_in_days", 1, longest, unit="days", cure=cure)


RULE = Rule(
    id="CKV_AIC_MEM_010",
    name="log-retention-bounded",
    title="Logs expire",
    severity=Severity.HIGH,
    types=("aws_cloudwatch_log_group",),
    why=(
        "Ids, addresses and error texts of users gather in logs. A group without a bound keeps them for ever, out of "
        "reach of erasure."
    ),
    fix="""
retention_in_days = 30
""",
    sources=(
        "AWS docs, CloudWatch Logs API reference: PutRetentionPolicy; without one, log events never expire",
        "AWS provider 5.100: retention_in_days defaults to 0, which means never",
    ),
    controls={
        "GDPR-5.1.e": "Logs are kept no longer than a stated time.",
    },
    breaks=(
        drop("aws_cloudwatch_log_group", "retention_in_days"),
        set_to("aws_cloudwatch_log_group", "retention_in_days", 0),
        set_to("aws_cloudwatch_log_group", "retention_in_days", 3653),
    ),
    parameters=(LONGEST,),
    built_in="CKV_AWS_66 passes 0 on a plan; CKV_AWS_338 asks for at least a year, the opposite",
    decide=decide,
)
