"""A stage has a rate and a burst, on every route."""

from __future__ import annotations

from aic_engine.attributes import each_block, is_between
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Parameter, Rule, Severity, undecided, worst
from aic_engine.values import Absent, Unknown
from aic_engine.weakening import drop, set_to

RATE = Parameter(
    "edge_requests_per_second",
    10000,
    "requests/s",
    "AWS docs, API Gateway quotas: 10,000 requests per second per account and Region",
)


def decide(stage: Resource, graph: Graph) -> Decision:
    routes = each_block(stage, "route_settings")
    if isinstance(routes, Unknown):
        return undecided("route_settings", expected="a rate on every route", value=routes)
    own = [
        f"{path}.throttling_rate_limit"
        for path in routes
        if not isinstance(stage.get(f"{path}.throttling_rate_limit"), Absent)
    ]
    own += [
        f"{path}.throttling_burst_limit"
        for path in routes
        if not isinstance(stage.get(f"{path}.throttling_burst_limit"), Absent)
    ]
    default = ["default_route_settings[0].throttling_rate_limit", "default_route_settings[0].throttling_burst_limit"]
    return worst(_limit(stage, path, RATE.of(graph)) for path in (*default, *own))


def _limit(stage: Resource, path: str, most: float) -> Decision:
    cure = f"set {path.rpartition('.')[2]}; nothing and 0 are no limit or none allowed, by the API's mood"
    return is_between(stage, path, 0.01, 2 * most if "burst" in path else most, unit="requests", cure=cure)


RULE = Rule(
    id="CKV_AIC_EDGE_002",
    name="stage-throttled",
    title="A stage bounds how much it takes",
    severity=Severity.HIGH,
    types=("aws_apigatewayv2_stage",),
    why=(
        "Without a bound of its own, one client in a loop uses up what the whole account may take, and every "
        "companion falls silent."
    ),
    fix="""
default_route_settings {
  throttling_rate_limit  = 100
  throttling_burst_limit = 200
}
""",
    sources=(
        "AWS docs, API Gateway: throttle requests; quotas",
        "hashicorp/terraform-provider-aws issue 14742: limits that are not set are sent as 0",
    ),
    controls={
        "OWASP-LLM10": "Requests are bounded before they cost model time.",
        "GENOPS02-BP03": "Rate limiting protects the model from overload.",
    },
    breaks=(
        drop("aws_apigatewayv2_stage", "default_route_settings"),
        set_to("aws_apigatewayv2_stage", "default_route_settings[0].throttling_rate_limit", 0),
        drop("aws_apigatewayv2_stage", "default_route_settings[0].throttling_burst_limit"),
        set_to("aws_apigatewayv2_stage", "default_route_settings[0].throttling_rate_limit", 1000000),
        set_to("aws_apigatewayv2_stage", "route_settings[*].throttling_rate_limit", 0),
    ),
    parameters=(RATE,),
    decide=decide,
)
