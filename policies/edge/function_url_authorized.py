"""A function's URL asks for IAM credentials."""

from __future__ import annotations

from aic_engine.attributes import is_one_of
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import set_to


def decide(url: Resource, graph: Graph) -> Decision:
    cure = 'set authorization_type = "AWS_IAM", and call it through CloudFront with origin access control'
    return is_one_of(url, "authorization_type", ("AWS_IAM",), cure=cure)


RULE = Rule(
    id="CKV_AIC_EDGE_010",
    name="function-url-authorized",
    title="No function answers the open internet",
    severity=Severity.CRITICAL,
    types=("aws_lambda_function_url",),
    why=(
        "With NONE, whoever has the address runs the function: no stage, no throttle, no authorizer stands before it."
    ),
    fix="""
authorization_type = "AWS_IAM"
""",
    sources=("AWS docs, Lambda: control access to function URLs",),
    controls={
        "OWASP-LLM10": "Functions run for authorized callers only.",
        "SOC2-CC6.6": "Access from outside is authenticated.",
    },
    breaks=(set_to("aws_lambda_function_url", "authorization_type", "NONE"),),
    built_in="CKV_AWS_258 asks the same",
    decide=decide,
)
