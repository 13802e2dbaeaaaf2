"""A queue gives up after a few attempts, and hands over to a dead-letter queue of its kind."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import read_json
from aic_engine.paths import dead_letter_queue_of, is_dead_letter_queue
from aic_engine.rule import Decision, Parameter, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Known, Unknown, as_bool, as_number
from aic_engine.weakening import drop, edit

MOST = Parameter("queue_max_receives", 10, "receives", "assumed: a turn that failed ten times will not succeed")
EXPECTED = "a redrive_policy with deadLetterTargetArn and maxReceiveCount"
CURE = "add redrive_policy = jsonencode({ deadLetterTargetArn = <a queue>.arn, maxReceiveCount = 3 })"


def decide(queue: Resource, graph: Graph) -> Decision:
    if is_dead_letter_queue(queue, graph):
        return not_applicable("it is a dead-letter queue itself")
    target, value = dead_letter_queue_of(queue, graph)
    document = read_json(value)
    if isinstance(document, Unknown):
        return undecided("redrive_policy", expected=EXPECTED, value=document)
    if not isinstance(document, dict) or not document.get("deadLetterTargetArn"):
        return failed("redrive_policy", expected=EXPECTED, actual="none", cure=CURE)
    return worst([_count(document, MOST.of(graph)), _kind(queue, target)])


def _count(document: dict[str, Any], most: float) -> Decision:
    value = document.get("maxReceiveCount")
    if isinstance(value, Unknown):
        return undecided("redrive_policy", expected=EXPECTED, value=value)
    number = as_number(Known(value)) if value is not None else None
    if number is None or not 1 <= number <= most:
        expected, cure = f"maxReceiveCount 1 to {most:g}", "set maxReceiveCount to what a turn is worth"
        return failed("redrive_policy", expected=expected, actual=f"maxReceiveCount {value}", cure=cure)
    return passed("redrive_policy", f"gives up after {number:g}")


def _kind(queue: Resource, target: Resource | None) -> Decision:
    if target is None:
        return passed("redrive_policy", "its dead-letter queue is elsewhere")
    own, other = as_bool(queue.get("fifo_queue")) or False, as_bool(target.get("fifo_queue")) or False
    if own is not other:
        cure = "make both FIFO, or neither; SQS refuses a pair of two kinds"
        return failed("redrive_policy", expected="a queue of the same kind", actual=target.address, cure=cure)
    return passed("redrive_policy")


def never_gives_up(document: Any) -> Any:
    """A message comes back a thousand times."""
    return {**document, "maxReceiveCount": 1000} if "maxReceiveCount" in document else None


RULE = Rule(
    id="CKV_AIC_LOAD_002",
    name="queue-has-dlq",
    title="What a queue cannot deliver is kept, after few attempts",
    severity=Severity.HIGH,
    types=("aws_sqs_queue",),
    why=(
        "A turn that always fails blocks its user's conversation for ever, or vanishes without anybody knowing that "
        "somebody got no answer."
    ),
    fix="""
redrive_policy = jsonencode({
  deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
  maxReceiveCount     = 3
})
""",
    sources=("AWS docs, SQS developer guide: using dead-letter queues; the queue must be of the same kind",),
    controls={
        "GENREL03-BP01": "Turns that fail are kept for a second look.",
        "SOC2-A1.2": "One bad message does not stop the others.",
    },
    breaks=(
        drop("aws_sqs_queue", "redrive_policy", only=r"\.(turns|erasures)$"),
        edit("aws_sqs_queue", "redrive_policy", never_gives_up, only=r"\.(turns|erasures)$"),
    ),
    parameters=(MOST,),
    decide=decide,
)
