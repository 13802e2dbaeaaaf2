"""Cross-origin calls are allowed from named origins only."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Absent, Unknown
from aic_engine.weakening import set_to

BLOCKS = {"aws_apigatewayv2_api": "cors_configuration", "aws_lambda_function_url": "cors"}


def decide(api: Resource, graph: Graph) -> Decision:
    path = f"{BLOCKS[api.type]}[0].allow_origins"
    value = api.get(path)
    if isinstance(value, Absent):
        return not_applicable("it allows no other origin")
    if isinstance(value, Unknown):
        return undecided(path, expected="named origins", value=value)
    listed = value.value if isinstance(value.value, list) else [value.value]
    bad = [each for each in listed if isinstance(each, str) and (each == "*" or each.startswith("http://*"))]
    if bad:
        return failed(path, expected="named origins", actual=value, cure="name the sites that users talk on")
    if any(isinstance(each, Unknown) for each in listed):
        return undecided(path, expected="named origins", value=Unknown("an origin is not known"))
    return passed(path)


RULE = Rule(
    id="CKV_AIC_EDGE_008",
    name="cors-not-star",
    title="Only known sites may call the API from a browser",
    severity=Severity.MEDIUM,
    types=("aws_apigatewayv2_api", "aws_lambda_function_url"),
    why=(
        "With *, any page that a user opens can talk to the API in their name, as far as the browser holds "
        "credentials for it."
    ),
    fix="""
cors_configuration {
  allow_origins = ["https://app.example.com"]
}
""",
    sources=("AWS docs, API Gateway: configure CORS for HTTP APIs",),
    controls={
        "SOC2-CC6.6": "Calls from foreign sites are refused.",
    },
    breaks=(
        set_to("aws_apigatewayv2_api", "cors_configuration[0].allow_origins", ["*"]),
        set_to("aws_lambda_function_url", "cors[0].allow_origins", ["*"]),
    ),
    decide=decide,
)
