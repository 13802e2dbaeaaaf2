"""What is deployed is what the companion promises, read back from AWS and not from the plan."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.applying import REGION, Applied

from .selection import applied_each, each_companion, each_example
from .surroundings import ACCOUNT

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:companion-alarms"


def contract(applied: Applied, part: str) -> dict[str, Any]:
    found: dict[str, Any] = applied.outputs["capacity_contract"]["parts"][part]
    return found


def companion(applied: Applied) -> dict[str, Any]:
    found: dict[str, Any] = applied.outputs["companion"]
    return found


def queue_attributes(applied: Applied, url: str) -> dict[str, str]:
    found: dict[str, str] = applied.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
        "Attributes"
    ]
    return found


def queue(applied: Applied) -> dict[str, Any]:
    found: dict[str, Any] = applied.outputs["queue"] if "queue" in applied.outputs else companion(applied)["queue"]
    return found


def statements(applied: Applied, role: str) -> list[dict[str, Any]]:
    iam = applied.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in document["Statement"]]


def listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@each_companion
def test_stage_is_throttled_as_the_contract_says(applied: Applied) -> None:
    edge, gateway = contract(applied, "realtime_edge"), applied.client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    (stage,) = gateway.get_stages(ApiId=api["ApiId"])["Items"]
    default = stage["DefaultRouteSettings"]
    assert (default["ThrottlingRateLimit"], default["ThrottlingBurstLimit"]) == (edge["rate_per_second"], edge["burst"])
    routes = {route["RouteKey"]: route for route in gateway.get_routes(ApiId=api["ApiId"])["Items"]}
    throttles = {key: stage["RouteSettings"].get(key, default) for key in routes}
    assert {
        key: {"rate_per_second": each["ThrottlingRateLimit"], "burst": each["ThrottlingBurstLimit"]}
        for key, each in throttles.items()
    } == edge["routes"]
    assert routes["$connect"]["AuthorizationType"] == "CUSTOM"
    deployment = gateway.get_deployment(ApiId=api["ApiId"], DeploymentId=stage["DeploymentId"])
    assert deployment["DeploymentStatus"] == "DEPLOYED"


@each_example
def test_turns_that_fail_are_moved_to_the_dead_letter_queue(applied: Applied) -> None:
    turns, dead = queue(applied), queue(applied)["dead_letters"]
    attributes = queue_attributes(applied, turns["url"])
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == dead["arn"]
    assert int(redrive["maxReceiveCount"]) >= 2
    assert json.loads(queue_attributes(applied, dead["url"])["RedriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [turns["arn"]],
    }
    for each in (turns, dead):
        held = queue_attributes(applied, each["url"])
        assert held["KmsMasterKeyId"].startswith("arn:aws:kms:")
        denied = [statement["Condition"] for statement in json.loads(held["Policy"])["Statement"]]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied


@each_example
def test_worker_takes_no_more_turns_at_once_than_the_contract_says(applied: Applied) -> None:
    turns = queue(applied)
    (mapping,) = applied.client("lambda").list_event_source_mappings(EventSourceArn=turns["arn"])["EventSourceMappings"]
    timeout = applied.client("lambda").get_function_configuration(FunctionName=mapping["FunctionArn"])["Timeout"]
    promised = 20
    if "capacity_contract" in applied.outputs:
        promised = applied.outputs["capacity_contract"]["turns_at_once"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == promised
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # AWS docs: Lambda, "Creating and configuring an Amazon SQS event source mapping".
    assert int(queue_attributes(applied, turns["url"])["VisibilityTimeout"]) >= 6 * timeout


@each_companion
def test_worker_calls_no_model_without_the_pinned_guardrail(applied: Applied) -> None:
    guardrail = companion(applied)["guardrail"]
    assert guardrail["version"].isdecimal()
    kept = applied.client("bedrock").get_guardrail(
        guardrailIdentifier=guardrail["id"], guardrailVersion=guardrail["version"]
    )
    pinned = f"{kept['guardrailArn']}:{guardrail['version']}"
    function = companion(applied)["functions"]["worker"]
    settings = applied.client("lambda").get_function_configuration(FunctionName=function["name"])
    variables = settings["Environment"]["Variables"]
    assert (variables["GUARDRAIL_ID"], variables["GUARDRAIL_VERSION"]) == (guardrail["id"], guardrail["version"])
    denials = [
        each["Condition"]["StringNotEquals"]["bedrock:GuardrailIdentifier"]
        for each in statements(applied, function["role_arn"].rsplit("/", 1)[-1])
        if each["Effect"] == "Deny" and "bedrock:InvokeModel" in listed(each["Action"])
    ]
    assert [listed(each) for each in denials] == [[pinned]]


@each_companion
def test_memories_expire_can_be_restored_and_cannot_be_dropped(applied: Applied) -> None:
    dynamodb, promised = applied.client("dynamodb"), contract(applied, "memory_hot")
    for table in companion(applied)["memory"]["tables"].values():
        name = table["name"]
        ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        described = dynamodb.describe_table(TableName=name)["Table"]
        assert described["SSEDescription"]["SSEType"] == "KMS"
        assert described["DeletionProtectionEnabled"] is True
        with pytest.raises(ClientError, match="DeletionProtection"):
            dynamodb.delete_table(TableName=name)
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        assert recovery["RecoveryPeriodInDays"] == promised["pitr_days"]


@each_companion
def test_every_alarm_is_heard(applied: Applied) -> None:
    cloudwatch = applied.client("cloudwatch")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = [alarm for page in pages for kind in ("MetricAlarms", "CompositeAlarms") for alarm in page.get(kind, [])]
    assert alarms
    # A part's alarm is heard through the two that it belongs to.
    silent = {alarm["AlarmName"] for alarm in alarms if TOPIC not in alarm["AlarmActions"]}
    heard = " ".join(alarm.get("AlarmRule", "") for alarm in alarms if alarm["AlarmName"] not in silent)
    assert {name for name in silent if f'ALARM("{name}")' not in heard} == set()
    assert {alarm["AlarmName"] for alarm in alarms if not alarm["ActionsEnabled"]} == set()


@each_companion
def test_logs_are_encrypted_and_end(applied: Applied) -> None:
    groups = applied.client("logs").describe_log_groups()["logGroups"]
    assert {group["logGroupName"] for group in groups} >= {
        f"/aws/lambda/{function['name']}" for function in companion(applied)["functions"].values()
    }
    assert {group.get("retentionInDays") for group in groups} == {30}
    assert {group["logGroupName"] for group in groups if "kmsKeyId" not in group} == set()


@each_companion
def test_personal_data_has_a_key_that_rotates_and_tickets_have_one_that_signs(applied: Applied) -> None:
    kms = applied.client("kms")
    tickets = kms.describe_key(KeyId=companion(applied)["ticket_key_arn"])["KeyMetadata"]
    assert tickets["KeyUsage"] == "GENERATE_VERIFY_MAC"
    memory = companion(applied)["memory"]["tables"]["memory"]["name"]
    key = applied.client("dynamodb").describe_table(TableName=memory)["Table"]["SSEDescription"]["KMSMasterKeyArn"]
    assert key != tickets["Arn"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True


@applied_each(["voice-companion"])
def test_cdn_and_vectors_speak_https_only(applied: Applied) -> None:
    (distribution,) = applied.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    assert distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    (origin,) = distribution["Origins"]["Items"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    opensearch = applied.client("opensearch")
    (name,) = [each["DomainName"] for each in opensearch.list_domain_names()["DomainNames"]]
    status = opensearch.describe_domain(DomainName=name)["DomainStatus"]
    assert status["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert status["NodeToNodeEncryptionOptions"]["Enabled"] is True


@applied_each(["voice-companion"])
def test_names_are_heard_in_every_language(applied: Applied) -> None:
    vocabularies = applied.client("transcribe").list_vocabularies()["Vocabularies"]
    assert {each["LanguageCode"]: each["VocabularyState"] for each in vocabularies} == {
        "de-DE": "READY",
        "en-GB": "READY",
    }


@applied_each(["sagemaker-companion"])
def test_own_model_scales_within_its_bounds(applied: Applied) -> None:
    (target,) = applied.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    (endpoint,) = applied.client("sagemaker").list_endpoints()["Endpoints"]
    assert endpoint["EndpointStatus"] == "InService"
    assert target["ResourceId"].startswith(f"endpoint/{endpoint['EndpointName']}/variant/")


@applied_each(["bring-your-own"])
def test_own_worker_may_call_the_model_with_the_guardrail(applied: Applied) -> None:
    guardrail = applied.outputs["guardrail"]
    allowed = [each for each in statements(applied, "our-worker") if "bedrock:ApplyGuardrail" in listed(each["Action"])]
    assert allowed
    assert all(guardrail["id"] in resource for each in allowed for resource in listed(each["Resource"]))
