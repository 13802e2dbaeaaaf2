"""A queue that a worker reads has an alarm on the age of its oldest message."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.paths import consumers, queue_alarms, tells_somebody
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.weakening import delete

METRIC = "ApproximateAgeOfOldestMessage"
HIGHEST = 86400
"""Seconds: what waits for a day, such as an erasure, is no longer delayed but stuck; assumed."""

EXPECTED = f"an aws_cloudwatch_metric_alarm on {METRIC} of this queue, with alarm_actions, above {HIGHEST} at most"


def decide(queue: Resource, graph: Graph) -> Decision:
    sure, maybe = consumers(queue, graph)
    if not sure and not maybe:
        return not_applicable("no worker of this configuration reads it")
    alarms, doubtful = queue_alarms(queue, graph, METRIC)
    acting = [tells_somebody(alarm, HIGHEST) for alarm in alarms]
    if True in acting:
        return passed("", f"watched by {alarms[acting.index(True)].address}")
    if doubtful or None in acting or not sure:
        return undecided(
            "", expected=EXPECTED, value=doubt("which queues the alarms watch, and what they do, is not known")
        )
    actual = "an alarm that tells nobody" if alarms else "none"
    return failed(
        "", expected=EXPECTED, actual=actual, cure="add the alarm, with alarm_actions to a topic that people read"
    )


RULE = Rule(
    id="CKV_AIC_LOAD_011",
    name="waiting-alarmed",
    title="Somebody is told when turns wait",
    severity=Severity.MEDIUM,
    types=("aws_sqs_queue",),
    why=(
        "Backpressure is silent by design: the first to notice that nobody is answered would be those who are not "
        "answered."
    ),
    fix="""
metric_name = "ApproximateAgeOfOldestMessage"
dimensions  = { QueueName = aws_sqs_queue.turns.name }
""",
    sources=("AWS docs, SQS developer guide: available CloudWatch metrics",),
    controls={
        "SOC2-CC7.2": "Overload is noticed before users report it.",
    },
    breaks=(delete("aws_cloudwatch_metric_alarm", only=r"\.(age|erasure_age)$"),),
    decide=decide,
)
