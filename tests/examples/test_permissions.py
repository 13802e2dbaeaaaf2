"""Each function may do what its code asks for, and nothing else, in the policies as they are deployed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.modules.turn_handler import calls

from .deployments import Deployment, listed

Deployed = Callable[[str], Deployment]
SHAPES = {
    "voice-companion": calls.shape("bedrock", "domain", voice=True),
    "sagemaker-companion": calls.shape("sagemaker"),
}
# What AWS does with a function's role on its own, before or beside our code, by what makes it do so.
RUNTIME = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
NETWORK = {
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
}  # fmt: skip
QUEUE = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
KEY = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
TRIGGERS = {"worker": QUEUE, "erase": QUEUE, "forget": STREAM | {"sqs:SendMessage"}}
# Most inline policies of a role may hold, in characters without white space (AWS docs: IAM and AWS STS quotas).
LONGEST = 10_240
CASES = [(example, function) for example, shape in SHAPES.items() for function in sorted(calls.iam_actions(shape))]


@pytest.mark.parametrize(("example", "function"), CASES)
def test_a_role_allows_what_the_code_calls_and_nothing_else(example: str, function: str, deployed: Deployed) -> None:
    deployment = deployed(example)
    allowed = {
        action
        for statement in deployment.statements(function)
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    called = calls.iam_actions(SHAPES[example])[function]
    behind = (
        RUNTIME | TRIGGERS.get(function, set()) | (NETWORK if deployment.functions[function]["vpc_config"] else set())
    )
    assert called - allowed == set()
    assert allowed - called - behind - KEY == set()


@pytest.mark.parametrize("example", SHAPES)
def test_every_function_of_the_code_is_deployed(example: str, deployed: Deployed) -> None:
    assert set(deployed(example).functions) == set(calls.iam_actions(SHAPES[example]))


@pytest.mark.parametrize(("example", "function"), CASES)
def test_a_policy_fits_its_role_and_names_its_resources(example: str, function: str, deployed: Deployed) -> None:
    statements = deployed(example).statements(function)
    assert len(json.dumps(statements, separators=(",", ":"))) < LONGEST
    sids = [statement["Sid"] for statement in statements]
    assert len(set(sids)) == len(sids)
    anywhere = {
        action
        for statement in statements
        if statement["Effect"] == "Allow" and "*" in listed(statement["Resource"]) and "Condition" not in statement
        for action in statement["Action"]
    }
    # Of these no resource can be named.
    assert anywhere <= {
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


@pytest.mark.parametrize("example", SHAPES)
def test_a_function_is_told_what_its_code_reads(example: str, deployed: Deployed) -> None:
    needed = calls.environment(SHAPES[example])
    for function, value in deployed(example).functions.items():
        assert needed[function] == set(value["environment"][0]["variables"]), function


def test_a_model_answers_only_under_the_pinned_guardrail(deployed: Deployed) -> None:
    deployment = deployed("voice-companion")
    (guardrail,) = deployment.values("aws_bedrock_guardrail").values()
    (version,) = deployment.values("aws_bedrock_guardrail_version").values()
    (profile,) = deployment.values("aws_bedrock_inference_profile").values()
    arn = guardrail["guardrail_arn"]
    pinned = f"{arn}:{version['version']}"
    assert deployment.may_call("worker", profile["arn"], pinned)
    for other in (None, arn, f"{arn}:DRAFT", f"{arn}:2", f"{arn[:-1]}x:1"):
        assert not deployment.may_call("worker", profile["arn"], other), other
    another_model = "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
    assert not deployment.may_call("worker", another_model, pinned)
    environment = deployment.functions["worker"]["environment"][0]["variables"]
    assert environment["GUARDRAIL_VERSION"] == version["version"]
    assert environment["GUARDRAIL_ID"] == guardrail["guardrail_id"]


def test_with_an_own_model_no_foundation_model_answers_at_all(deployed: Deployed) -> None:
    deployment = deployed("sagemaker-companion")
    assert deployment.allowed("worker", "bedrock:InvokeModelWithResponseStream") == set()
    assert deployment.allowed("worker", "bedrock:ApplyGuardrail") != set()
