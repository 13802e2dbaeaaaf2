"""The bound of an event source mapping is not above the function's reserved concurrency."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.paths import function_behind
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Absent, Unknown, as_number
from aic_engine.weakening import set_to


def decide(mapping: Resource, graph: Graph) -> Decision:
    function, doubtful = function_behind(mapping, "function_name", graph)
    if function is None:
        if doubtful:
            return undecided("function_name", expected="a known function", value=doubt("which function is not known"))
        return not_applicable("its function is not part of this configuration")
    cap, reserved = mapping.get("scaling_config[0].maximum_concurrency"), function.get("reserved_concurrent_executions")
    if isinstance(reserved, Absent) or as_number(reserved) == -1:
        return passed("function_name", "nothing is reserved, nothing is cut")
    for value in (cap, reserved):
        if isinstance(value, Unknown):
            return undecided("scaling_config[0].maximum_concurrency", expected="known bounds", value=value)
    most, limit = as_number(reserved), as_number(cap)
    if most == 0 or (limit is not None and most is not None and limit > most):
        expected = f"at most the {most:g} executions reserved for {function.address}"
        cure = "raise reserved_concurrent_executions, or lower maximum_concurrency"
        return failed("scaling_config[0].maximum_concurrency", expected=expected, actual=cap, cure=cure)
    return passed("scaling_config[0].maximum_concurrency")


RULE = Rule(
    id="CKV_AIC_LOAD_007",
    name="worker-cap-fits",
    title="A worker may run as often as its queue calls it",
    severity=Severity.HIGH,
    types=("aws_lambda_event_source_mapping",),
    why=(
        "Calls above the reservation are throttled and count as receives: turns end in the dead-letter queue without "
        "having been tried."
    ),
    fix="""
reserved_concurrent_executions = 50 # at least scaling_config.maximum_concurrency
""",
    sources=("AWS docs, Lambda: reserved concurrency and maximum concurrency of SQS event sources",),
    controls={
        "SOC2-A1.2": "The queue does not ask for more than the worker may give.",
    },
    breaks=(set_to("aws_lambda_function", "reserved_concurrent_executions", 1, only=r'this\["worker"\]$|\.worker$'),),
    decide=decide,
)
