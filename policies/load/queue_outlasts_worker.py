"""A queue hides a message for six times as long as its worker may take."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.links import link
from aic_engine.paths import function_behind, reads_queue
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Unknown, as_number
from aic_engine.weakening import set_to

FACTOR = 6
"""AWS docs, Lambda: using Lambda with Amazon SQS, configuring a queue; six times the function's timeout."""


def decide(mapping: Resource, graph: Graph) -> Decision:
    queue = link(mapping, "event_source_arn", graph, "aws_sqs_queue")
    function, doubtful = function_behind(mapping, "function_name", graph)
    if reads_queue(mapping, graph) is False:
        return not_applicable("it reads no queue")
    if queue.resource is None or function is None:
        if queue.doubtful or doubtful:
            return undecided(
                "", expected="a known queue and function", value=doubt("which queue and function is not known")
            )
        return not_applicable("its queue or its function is not part of this configuration")
    hidden = _seconds(queue.resource, "visibility_timeout_seconds", 30)
    takes = _seconds(function, "timeout", 3)
    waits = _seconds(mapping, "maximum_batching_window_in_seconds", 0)
    unknown = [value for value in (hidden, takes, waits) if isinstance(value, Unknown)]
    if unknown or isinstance(hidden, Unknown) or isinstance(takes, Unknown) or isinstance(waits, Unknown):
        return undecided("event_source_arn", expected="known timeouts", value=unknown[0])
    least = FACTOR * takes + waits
    where = f"{queue.resource.address}.visibility_timeout_seconds"
    if hidden < least:
        expected = f"{where} >= {least:g} s ({FACTOR} times the {takes:g} s of {function.address})"
        cure = "raise visibility_timeout_seconds, or lower the function's timeout"
        return failed("event_source_arn", expected=expected, actual=f"{hidden:g} s", cure=cure)
    return passed("event_source_arn", f"{hidden:g} s for {takes:g} s")


def _seconds(resource: Resource, path: str, default: float) -> float | Unknown:
    """The provider's default where nothing is set."""
    value = resource.get(path)
    if isinstance(value, Unknown):
        return value
    number = as_number(value)
    return default if number is None else number


RULE = Rule(
    id="CKV_AIC_LOAD_003",
    name="queue-outlasts-worker",
    title="A message stays hidden while its worker works",
    severity=Severity.HIGH,
    types=("aws_lambda_event_source_mapping",),
    why=(
        "A message that comes back while it is being worked on is answered twice: the companion repeats itself, and "
        "the turn is paid twice."
    ),
    fix="""
resource "aws_sqs_queue" "turns" {
  name                       = "turns.fifo"
  fifo_queue                 = true
  visibility_timeout_seconds = 6 * 30
}
""",
    sources=(
        "AWS docs, Lambda: using Lambda with Amazon SQS",
        "AWS provider 5.100: defaults of 30 s visibility and 3 s timeout",
    ),
    controls={
        "SOC2-A1.2": "Slow turns do not multiply the load.",
    },
    breaks=(
        set_to(
            "aws_sqs_queue",
            "visibility_timeout_seconds",
            1,
            only=r"companion.*\.(turns|erasures)$|^aws_sqs_queue\.turns$",
        ),
        set_to("aws_lambda_function", "timeout", 900, only=r'this\["worker"\]$|\.worker$'),
    ),
    decide=decide,
)
