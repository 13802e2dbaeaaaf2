"""A stage writes an access log."""

from __future__ import annotations

from aic_engine.attributes import is_set
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop


def decide(stage: Resource, graph: Graph) -> Decision:
    path = "access_log_settings[0].destination_arn"
    return is_set(stage, path, expected="a log group", cure="add access_log_settings with destination_arn and format")


RULE = Rule(
    id="CKV_AIC_EDGE_003",
    name="access-logged",
    title="A stage logs who connects",
    severity=Severity.MEDIUM,
    types=("aws_apigatewayv2_stage", "aws_api_gateway_stage"),
    why="When a user says that somebody talked as their companion, this log is the only witness.",
    fix="""
access_log_settings {
  destination_arn = aws_cloudwatch_log_group.access.arn
  format          = jsonencode({ requestId = "$context.requestId", status = "$context.status" })
}
""",
    sources=("AWS docs, Security Hub controls reference: APIGateway.9",),
    controls={
        "FSBP-APIGateway.9": "Access logging is configured.",
        "GDPR-33": "Supports finding out who reached what.",
    },
    breaks=(drop("aws_apigatewayv2_stage", "access_log_settings"),),
    built_in="CKV_AWS_76 and CKV_AWS_95 ask the same",
    decide=decide,
)
