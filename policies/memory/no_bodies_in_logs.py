"""Neither the gateway nor Bedrock logs what users and companions say."""

from __future__ import annotations

import re

from aic_engine.attributes import each_block, is_not_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, require, undecided, worst
from aic_engine.values import Unknown, as_bool, known_text
from aic_engine.weakening import drop, set_to

DATA = ("text", "image", "embedding", "video")
_BODY = re.compile(
    r"\$input|requestBody|responseBody|\$context\.(request|response)\.body|querystring|header\.(cookie|auth)", re.I
)


def decide(resource: Resource, graph: Graph) -> Decision:
    if resource.type == "aws_apigatewayv2_stage":
        return _stage(resource)
    if resource.type == "aws_api_gateway_method_settings":
        return is_not_true(resource, "settings[0].data_trace_enabled", cure="set data_trace_enabled = false")
    return worst(_delivery(resource, kind) for kind in DATA)


def _stage(stage: Resource) -> Decision:
    routes = each_block(stage, "route_settings")
    if isinstance(routes, Unknown):
        return undecided("route_settings", expected="data_trace_enabled false on each route", value=routes)
    cure = "set data_trace_enabled = false"
    traced = [
        is_not_true(stage, f"{path}.data_trace_enabled", cure=cure) for path in ("default_route_settings[0]", *routes)
    ]
    return worst([*traced, _format(stage)])


def _format(stage: Resource) -> Decision:
    path = "access_log_settings[0].format"
    value = stage.get(path)
    text = known_text(value)
    if found := _BODY.search(text):
        cure = "log ids, times and states only"
        return failed(path, expected="no body, query or credential", actual=found.group(), cure=cure)
    if isinstance(value, Unknown):
        return undecided(path, expected="no body, query or credential", value=value)
    return passed(path)


def _delivery(logging: Resource, kind: str) -> Decision:
    """The provider's default is true (AWS provider 5.100)."""
    path = f"logging_config[0].{kind}_data_delivery_enabled"
    return require(
        logging,
        path,
        lambda value: as_bool(value) is False,
        expected="false",
        cure=f"set {kind}_data_delivery_enabled = false",
    )


RULE = Rule(
    id="CKV_AIC_MEM_012",
    name="no-bodies-in-logs",
    title="Conversations are not written to logs",
    severity=Severity.HIGH,
    types=(
        "aws_apigatewayv2_stage",
        "aws_api_gateway_method_settings",
        "aws_bedrock_model_invocation_logging_configuration",
    ),
    why="A log of conversations is a second memory: without TTL, without erasure, read by everybody on call.",
    fix="""
default_route_settings {
  data_trace_enabled = false
}
""",
    sources=(
        "AWS docs, API Gateway: data tracing logs the full request and response",
        "AWS provider 5.100: *_data_delivery_enabled of model invocation logging default to true",
    ),
    controls={
        "GDPR-5.1.c": "Operating logs hold no conversation.",
        "OWASP-LLM02": "Sensitive content does not leak into logs.",
        "GDPR-25": "Not logging content is the default.",
    },
    breaks=(
        set_to("aws_apigatewayv2_stage", "default_route_settings[0].data_trace_enabled", True),
        set_to("aws_apigatewayv2_stage", "route_settings[*].data_trace_enabled", True),
        set_to(
            "aws_bedrock_model_invocation_logging_configuration", "logging_config[0].text_data_delivery_enabled", True
        ),
        drop("aws_bedrock_model_invocation_logging_configuration", "logging_config[0].image_data_delivery_enabled"),
    ),
    decide=decide,
)
