"""Erasing one user reaches every store of the companion, and what it cannot reach is gone within the promised days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.modules.deployed import Plan

from .deployments import Deployment

Deployed = Callable[[str], Deployment]
Values = Mapping[str, Any]
# Types that hold words or ids of users, by what makes them forget; see `_faults`.
ERASED = {"aws_dynamodb_table", "aws_opensearch_domain", "aws_opensearchserverless_collection"}
EXPIRING = {"aws_cloudwatch_log_group", "aws_sqs_queue"}
# Configuration only: nothing that a user says or is called by is ever written there.
HOLDS_NOTHING = {
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_authorizer",
    "aws_apigatewayv2_deployment",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_route",
    "aws_apigatewayv2_stage",
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_bedrock_guardrail",
    "aws_bedrock_guardrail_version",
    "aws_bedrock_inference_profile",
    "aws_cloudfront_cache_policy",
    "aws_cloudfront_distribution",
    "aws_cloudfront_origin_request_policy",
    "aws_cloudfront_response_headers_policy",
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_log_resource_policy",
    "aws_cloudwatch_metric_alarm",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_kms_alias",
    "aws_kms_key",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function",
    "aws_lambda_permission",
    "aws_opensearch_domain_policy",
    "aws_opensearchserverless_access_policy",
    "aws_opensearchserverless_security_policy",
    "aws_opensearchserverless_vpc_endpoint",
    "aws_sagemaker_endpoint",
    "aws_sagemaker_endpoint_configuration",
    "aws_sagemaker_model",
    "aws_sqs_queue_policy",
    "aws_sqs_queue_redrive_allow_policy",
    "aws_sqs_queue_redrive_policy",
    "aws_transcribe_vocabulary",
    "aws_transcribe_vocabulary_filter",
}
# They hold the id of a user who is to be erased, and nothing that the user said.
REQUESTS = ("-erasures", "-erasures-dlq", "-erasure", "-erasure-dlq", "-erasures-dead-letters")
DAY = 24 * 60 * 60


def _faults(deployment: Deployment, window_days: int) -> Iterator[str]:
    for change in deployment.plan["resource_changes"]:
        type_, value, address = change["type"], change["change"]["after"], change["address"]
        if type_ in ERASED:
            yield from (f"{address}: {fault}" for fault in _beyond_erasure(deployment, type_, value))
        elif type_ in EXPIRING:
            if _kept_for(type_, value) > window_days and not value["name"].endswith(REQUESTS):
                yield f"{address}: is kept for {_kept_for(type_, value)} days, longer than the {window_days} promised"
        elif type_ not in HOLDS_NOTHING:
            yield f"{address}: nobody said whether {type_} holds personal data; sort it into one of the three groups"


def _beyond_erasure(deployment: Deployment, type_: str, value: Values) -> Iterator[str]:
    arn = value["arn"]
    if type_ == "aws_dynamodb_table":
        if arn not in deployment.allowed("erase", "dynamodb:BatchWriteItem"):
            yield "the eraser may not delete from it"
        if not {resource for resource in deployment.allowed("erase", "dynamodb:Query") if resource.startswith(arn)}:
            yield "the eraser may not look for a user in it"
        if not value["ttl"][0]["enabled"]:
            yield "its items never expire"
    elif type_ == "aws_opensearch_domain":
        if f"{arn}/memories/_delete_by_query" not in deployment.allowed("erase", "es:ESHttpPost"):
            yield "the eraser may not delete from it"
        if f"{arn}/memories/_doc/*" not in deployment.allowed("forget", "es:ESHttpDelete"):
            yield "vectors of expired memories stay in it"
    elif {arn} - deployment.allowed("erase", "aoss:APIAccessAll") & deployment.allowed("forget", "aoss:APIAccessAll"):
        yield "the eraser or the expiry of vectors does not reach it"


def _kept_for(type_: str, value: Values) -> float:
    if type_ == "aws_sqs_queue":
        return float(value["message_retention_seconds"] / DAY)
    return float(value["retention_in_days"] or "inf")


def _window(deployment: Deployment) -> int:
    outputs = deployment.plan["planned_values"]["outputs"]
    return int(outputs["capacity_contract"]["value"]["erasure_window_days"])


@pytest.mark.parametrize("example", ["voice-companion", "sagemaker-companion"])
def test_nothing_of_a_user_outlives_the_promise(example: str, deployed: Deployed) -> None:
    deployment = deployed(example)
    assert list(_faults(deployment, _window(deployment))) == []


def test_the_promise_covers_backups(deployed: Deployed) -> None:
    deployment = deployed("voice-companion")
    for table in deployment.values("aws_dynamodb_table").values():
        assert table["point_in_time_recovery"][0]["recovery_period_in_days"] <= _window(deployment)


def test_the_vector_of_a_memory_goes_when_the_memory_goes(deployed: Deployed) -> None:
    deployment = deployed("voice-companion")
    memory = deployment.one("aws_dynamodb_table", "-memory")
    mappings = deployment.values("aws_lambda_event_source_mapping").values()
    (mapping,) = (each for each in mappings if each["event_source_arn"] == memory["stream_arn"])
    assert mapping["function_name"] == deployment.functions["forget"]["arn"]
    assert "REMOVE" in mapping["filter_criteria"][0]["filter"][0]["pattern"]
    assert mapping["destination_config"][0]["on_failure"][0]["destination_arn"].startswith("arn:aws:sqs:")
    assert memory["stream_view_type"] == "NEW_AND_OLD_IMAGES"


def test_a_request_for_erasure_reaches_the_eraser_and_is_never_lost(deployed: Deployed) -> None:
    deployment = deployed("voice-companion")
    url = deployment.functions["ingest"]["environment"][0]["variables"]["ERASURE_QUEUE_URL"]
    (queue,) = (each for each in deployment.values("aws_sqs_queue").values() if each["url"] == url)
    assert queue["message_retention_seconds"] == 14 * DAY
    assert queue["visibility_timeout_seconds"] == 6 * deployment.functions["erase"]["timeout"]
    mappings = deployment.values("aws_lambda_event_source_mapping").values()
    (mapping,) = (each for each in mappings if each["event_source_arn"] == queue["arn"])
    assert mapping["function_name"] == deployment.functions["erase"]["arn"]
    assert queue["arn"] in deployment.allowed("ingest", "sqs:SendMessage")


@pytest.mark.parametrize(
    ("type_", "value", "fault"),
    [
        ("aws_s3_bucket", {"bucket": "voices"}, "nobody said whether aws_s3_bucket holds personal data"),
        ("aws_cloudwatch_log_group", {"name": "words", "retention_in_days": 0}, "longer than the"),
        (
            "aws_dynamodb_table",
            {"arn": "arn:aws:dynamodb:eu-central-1:111122223333:table/diary", "ttl": [{"enabled": True}]},
            "the eraser may not delete from it",
        ),
        (
            "aws_opensearch_domain",
            {"arn": "arn:aws:es:eu-central-1:111122223333:domain/faces"},
            "vectors of expired memories stay in it",
        ),
    ],
)
def test_a_store_without_a_way_out_is_found(type_: str, value: Values, fault: str, deployed: Deployed) -> None:
    deployment = deployed("voice-companion")
    further = {"address": "further.store", "type": type_, "change": {"after": value}}
    plan: Plan = {**deployment.plan, "resource_changes": [*deployment.plan["resource_changes"], further]}
    faults = list(_faults(replace(deployment, plan=plan), _window(deployment)))
    assert any(found.startswith("further.store: ") and fault in found for found in faults), faults
