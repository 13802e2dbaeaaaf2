"""An HTTP API that is mapped to a domain is not reachable by its default endpoint."""

from __future__ import annotations

from aic_engine.attributes import doubt, is_true
from aic_engine.graph import Graph, Resource
from aic_engine.links import pointing_at
from aic_engine.rule import Decision, Rule, Severity, not_applicable, undecided
from aic_engine.values import Known
from aic_engine.weakening import set_to


def decide(api: Resource, graph: Graph) -> Decision:
    protocol = api.get("protocol_type")
    if isinstance(protocol, Known) and protocol.value != "HTTP":
        return not_applicable("a WebSocket API answers its clients by the default endpoint")
    sure, maybe = pointing_at(api, graph, "aws_apigatewayv2_api_mapping", "api_id")
    if not sure and not maybe:
        return not_applicable("it is mapped to no domain")
    closed = is_true(api, "disable_execute_api_endpoint", cure="set disable_execute_api_endpoint = true")
    if sure and isinstance(protocol, Known):
        return closed
    expected = "true, if it is mapped to a domain"
    return undecided(
        "disable_execute_api_endpoint", expected=expected, value=doubt("whether it is mapped is not known")
    )


RULE = Rule(
    id="CKV_AIC_EDGE_004",
    name="default-endpoint-closed",
    title="An HTTP API with a domain of its own has no second door",
    severity=Severity.LOW,
    types=("aws_apigatewayv2_api",),
    why=("Certificates, WAF and logs that stand before the domain do not see who comes by the default endpoint."),
    fix="""
disable_execute_api_endpoint = true
""",
    sources=("AWS docs, API Gateway: disable the default endpoint for HTTP APIs",),
    controls={
        "SOC2-CC6.6": "There is one way in, and it is guarded.",
    },
    breaks=(set_to("aws_apigatewayv2_api", "disable_execute_api_endpoint", False, only=r"\.rest$"),),
    decide=decide,
)
