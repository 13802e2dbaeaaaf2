"""A dead-letter queue keeps what it gets for at least as long as its source, and at most 14 days."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.paths import dead_letter_queue_of, is_dead_letter_queue
from aic_engine.rule import Decision, Parameter, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Absent, Unknown, as_number
from aic_engine.weakening import set_to

LONGEST = Parameter(
    "dead_letter_days", 14, "days", "AWS docs, SQS API reference: MessageRetentionPeriod is at most 14 days"
)
PATH = "message_retention_seconds"
DEFAULT = 345600.0
"""Four days (AWS docs, SQS API reference: MessageRetentionPeriod)."""


def decide(queue: Resource, graph: Graph) -> Decision:
    dead = is_dead_letter_queue(queue, graph)
    if dead is False:
        return not_applicable("it is no dead-letter queue")
    value = queue.get(PATH)
    if isinstance(value, Unknown) or dead is None:
        unread = value if isinstance(value, Unknown) else doubt("whether it takes dead letters is not known")
        return undecided(PATH, expected="a known time", value=unread)
    own = DEFAULT if isinstance(value, Absent) else as_number(value) or 0
    most = LONGEST.of(graph) * 86400
    sources = [
        other for other in graph.beside(queue, "aws_sqs_queue") if dead_letter_queue_of(other, graph)[0] is queue
    ]
    times = [other.get(PATH) for other in sources]
    least = max((DEFAULT if isinstance(each, Absent) else as_number(each) or 0 for each in times), default=60)
    if own > most or own < least:
        # A message keeps the time at which it was first sent.
        cure = "set message_retention_seconds of the dead-letter queue to more than its source's"
        return failed(PATH, expected=f"{least:g} to {most:g} s", actual=f"{own:g} s", cure=cure)
    return passed(PATH, f"{own:g} s")


RULE = Rule(
    id="CKV_AIC_LOAD_012",
    name="dead-letters-outlive",
    title="Dead letters live long enough to be looked at, and no longer",
    severity=Severity.MEDIUM,
    types=("aws_sqs_queue",),
    why=(
        "A dead letter's age counts from when it was first sent: kept no longer than in its source, it is gone before "
        "anybody looks."
    ),
    fix="""
message_retention_seconds = 4 * 86400
""",
    sources=("AWS docs, SQS developer guide: dead-letter queues; message retention and the enqueue time stamp",),
    controls={
        "GDPR-5.1.e": "Words that could not be answered are kept for a bounded time.",
        "SOC2-CC7.2": "Failures stay visible until somebody looks.",
    },
    breaks=(set_to("aws_sqs_queue", "message_retention_seconds", 60, only=r"\.(erasure_)?dead_letters$"),),
    parameters=(LONGEST,),
    decide=decide,
)
