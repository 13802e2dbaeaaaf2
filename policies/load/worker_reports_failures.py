"""A mapping that reads a queue takes one message at a time, or is told which of a batch failed."""

from __future__ import annotations

from aic_engine.attributes import doubt, texts
from aic_engine.graph import Graph, Resource
from aic_engine.paths import reads_queue
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Unknown, as_number, show
from aic_engine.weakening import drop

EXPECTED = "batch_size 1, or function_response_types with ReportBatchItemFailures"


def decide(mapping: Resource, graph: Graph) -> Decision:
    reads = reads_queue(mapping, graph)
    if reads is False:
        return not_applicable("it reads no queue")
    size, reported = mapping.get("batch_size"), texts(mapping.get("function_response_types"))
    if as_number(size) == 1 or (reported is not None and "ReportBatchItemFailures" in reported):
        return passed("function_response_types")
    if isinstance(size, Unknown) or reported is None or reads is None:
        unread = doubt("its source, batch size or response types are not known")
        return undecided("function_response_types", expected=EXPECTED, value=unread)
    cure = 'set function_response_types = ["ReportBatchItemFailures"], and return the failed ids'
    return failed("function_response_types", expected=EXPECTED, actual=f"batch_size {show(size)}", cure=cure)


RULE = Rule(
    id="CKV_AIC_LOAD_008",
    name="worker-reports-failures",
    title="One failed turn does not repeat the others",
    severity=Severity.MEDIUM,
    types=("aws_lambda_event_source_mapping",),
    why="When a batch fails as a whole, those who were answered already are answered again.",
    fix="""
function_response_types = ["ReportBatchItemFailures"]
""",
    sources=(
        "AWS docs, Lambda: handling errors for an SQS event source; partial batch responses",
        "AWS provider 5.100: batch_size defaults to 10 for SQS",
    ),
    controls={
        "SOC2-A1.2": "A failure is handled by itself.",
    },
    breaks=(drop("aws_lambda_event_source_mapping", "function_response_types", only=r"\.batched$"),),
    decide=decide,
)
