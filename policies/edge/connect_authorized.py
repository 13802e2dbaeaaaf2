"""The $connect route of a WebSocket API has an authorizer."""

from __future__ import annotations

from aic_engine.attributes import is_one_of, is_set
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, not_applicable, undecided, worst
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop, set_to

KINDS = ("CUSTOM", "AWS_IAM")


def decide(route: Resource, graph: Graph) -> Decision:
    key = route.get("route_key")
    if isinstance(key, Unknown):
        return undecided("route_key", expected="a known route", value=key)
    if key != Known("$connect"):
        return not_applicable("a socket is authorized once, when it connects")
    kind = is_one_of(route, "authorization_type", KINDS, cure='set authorization_type = "CUSTOM" and authorizer_id')
    if route.get("authorization_type") != Known("CUSTOM"):
        return kind
    named = is_set(route, "authorizer_id", expected="an authorizer", cure="set authorizer_id")
    return worst([kind, named])


RULE = Rule(
    id="CKV_AIC_EDGE_001",
    name="connect-authorized",
    title="Nobody connects without being asked who they are",
    severity=Severity.CRITICAL,
    types=("aws_apigatewayv2_route",),
    why=(
        "An open socket is free model time for whoever finds it, and somebody else's companion for whoever guesses an "
        "id."
    ),
    fix="""
resource "aws_apigatewayv2_route" "connect" {
  api_id             = aws_apigatewayv2_api.this.id
  route_key          = "$connect"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.connect.id
}
""",
    sources=("AWS docs, API Gateway: control access to WebSocket APIs; only $connect can be authorized",),
    controls={
        "FSBP-APIGateway.8": "The route specifies an authorization type.",
        "OWASP-LLM10": "Only known users can spend model time.",
        "SOC2-CC6.6": "Access from outside is authenticated.",
    },
    breaks=(
        set_to("aws_apigatewayv2_route", "authorization_type", "NONE", only=r"\.connect$"),
        drop("aws_apigatewayv2_route", "authorization_type", only=r"\.connect$"),
        drop("aws_apigatewayv2_route", "authorizer_id", only=r"\.connect$"),
    ),
    built_in="CKV_AWS_309 also demands it of routes that cannot have it",
    decide=decide,
)
