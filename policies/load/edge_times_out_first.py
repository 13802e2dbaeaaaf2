"""A function behind an integration ends before the integration gives up."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.paths import function_behind
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Unknown, as_number
from aic_engine.weakening import set_to

LONGEST = {"WEBSOCKET": 29000.0, "HTTP": 30000.0}
"""Milliseconds (AWS docs, API Gateway quotas: integration timeout); also the provider's defaults."""


def decide(integration: Resource, graph: Graph) -> Decision:
    function, doubtful = function_behind(integration, "integration_uri", graph)
    if function is None:
        if doubtful:
            return undecided("integration_uri", expected="a known function", value=doubt("which function is not known"))
        return not_applicable("no function of this configuration is behind it")
    limit, takes = integration.get("timeout_milliseconds"), function.get("timeout")
    for value in (limit, takes):
        if isinstance(value, Unknown):
            return undecided("timeout_milliseconds", expected="known timeouts", value=value)
    most = as_number(limit) or max(LONGEST.values())
    own = (as_number(takes) or 3) * 1000
    if own > most:
        cure = f"set the timeout of {function.address} to at most {most / 1000:g} s, and queue what takes longer"
        return failed("timeout_milliseconds", expected=f">= {own:g} ms", actual=f"{most:g} ms", cure=cure)
    return passed("timeout_milliseconds", f"{own:g} of {most:g} ms")


RULE = Rule(
    id="CKV_AIC_LOAD_009",
    name="edge-times-out-first",
    title="A function does not run on after its client was told that it failed",
    severity=Severity.MEDIUM,
    types=("aws_apigatewayv2_integration",),
    why=("The user is told that it failed and asks again, while the first answer is still being made and paid for."),
    fix="""
timeout = 10 # seconds, of the function behind an integration of 29000 ms
""",
    sources=("AWS docs, API Gateway quotas: integration timeout of 29 s (WebSocket) and 30 s (HTTP)",),
    controls={
        "SOC2-A1.2": "Work ends when nobody waits for it any more.",
    },
    breaks=(set_to("aws_apigatewayv2_integration", "timeout_milliseconds", 50),),
    decide=decide,
)
