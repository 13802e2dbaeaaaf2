"""A dead-letter queue has an alarm that acts."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.paths import is_dead_letter_queue, queue_alarms, tells_somebody
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.weakening import delete, set_to

METRIC = "ApproximateNumberOfMessagesVisible"
HIGHEST = 10
"""Dead letters: more than ten people without an answer are no longer an accident; assumed."""

EXPECTED = f"an aws_cloudwatch_metric_alarm on {METRIC} of this queue, with alarm_actions, above {HIGHEST} at most"


def decide(queue: Resource, graph: Graph) -> Decision:
    dead = is_dead_letter_queue(queue, graph)
    if dead is False:
        return not_applicable("it is no dead-letter queue")
    alarms, doubtful = queue_alarms(queue, graph, METRIC)
    acting = [tells_somebody(alarm, HIGHEST) for alarm in alarms]
    if True in acting:
        return passed("", f"watched by {alarms[acting.index(True)].address}")
    if doubtful or None in acting or dead is None:
        return undecided(
            "", expected=EXPECTED, value=doubt("which queues the alarms watch, and what they do, is not known")
        )
    actual = "an alarm that tells nobody" if alarms else "none"
    return failed(
        "", expected=EXPECTED, actual=actual, cure="add the alarm, with alarm_actions to a topic that people read"
    )


RULE = Rule(
    id="CKV_AIC_LOAD_010",
    name="dead-letters-alarmed",
    title="Somebody is told of dead letters",
    severity=Severity.MEDIUM,
    types=("aws_sqs_queue",),
    why=("A letter in this queue is somebody who got no answer, or was not erased. Unwatched, it expires unread."),
    fix="""
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [var.topic_arn]
}
""",
    sources=("AWS docs, SQS developer guide: CloudWatch metrics; creating alarms for dead-letter queues",),
    controls={
        "SOC2-CC7.2": "Failures that need a person are brought to one.",
        "GDPR-17": "An erasure that failed is noticed.",
    },
    breaks=(
        delete("aws_cloudwatch_metric_alarm", only=r"dead_letters$|vector_expiry_failures$"),
        set_to("aws_cloudwatch_metric_alarm", "alarm_actions", [], only=r"\.(erasure_)?dead_letters$"),
    ),
    decide=decide,
)
