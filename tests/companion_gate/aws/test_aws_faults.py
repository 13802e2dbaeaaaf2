"""The emulated AWS does to a call what it was told to do, and to that call only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from companion_gate.aws.calls import Operation
from companion_gate.aws.faults import Fault, Kind
from companion_gate.aws.server import EmbeddedAws
from companion_gate.errors import GateError

CREATE = "sqs:CreateQueue"


@pytest.fixture
def sqs(server: EmbeddedAws) -> Iterator[Any]:
    server.reset()
    yield server.client("sqs", "eu-west-1")
    server.faults.clear()
    server.reset()


def queues(sqs: Any) -> list[str]:
    return [url.rsplit("/", 1)[-1] for url in sqs.list_queues().get("QueueUrls", [])]


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (Kind.THROTTLE, "ThrottlingException", 400),
        (Kind.BREAK, "InternalFailure", 500),
        (Kind.DENY, "AccessDeniedException", 403),
    ],
)
def test_refused_call_is_not_carried_out(server: EmbeddedAws, sqs: Any, kind: Kind, code: str, status: int) -> None:
    with server.faults.injected(Fault(kind, CREATE)) as faults:
        with pytest.raises(ClientError) as caught:
            sqs.create_queue(QueueName="turns")
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert queues(sqs) == []
        sqs.create_queue(QueueName="turns")
        assert faults.met == [(kind, Operation("sqs", "CreateQueue"))]
    assert queues(sqs) == ["turns"]


def test_lost_answer_is_lost_after_the_call_was_carried_out(server: EmbeddedAws, sqs: Any) -> None:
    with server.faults.injected(Fault(Kind.LOSE, CREATE)), pytest.raises(ConnectionClosedError):
        sqs.create_queue(QueueName="turns")
    assert queues(sqs) == ["turns"]


def test_slow_call_is_answered_late(server: EmbeddedAws, sqs: Any) -> None:
    with server.faults.injected(Fault(Kind.SLOW, CREATE, seconds=0.5)):
        began = time.monotonic()
        sqs.create_queue(QueueName="turns")
        assert time.monotonic() - began >= 0.5
    assert queues(sqs) == ["turns"]


def test_only_the_nth_calls_meet_it(server: EmbeddedAws, sqs: Any) -> None:
    refused = []
    with server.faults.injected(Fault(Kind.DENY, CREATE, nth=2, times=2)):
        for number in range(1, 6):
            try:
                sqs.create_queue(QueueName=f"queue-{number}")
            except ClientError:
                refused.append(number)
    assert refused == [2, 3]


def test_each_operation_of_a_pattern_is_counted_by_itself(server: EmbeddedAws, sqs: Any) -> None:
    with server.faults.injected(Fault(Kind.THROTTLE, "sqs:*")) as faults:
        with pytest.raises(ClientError):
            sqs.list_queues()
        sqs.list_queues()
        with pytest.raises(ClientError):
            sqs.create_queue(QueueName="turns")
        assert [str(operation) for _, operation in faults.met] == ["sqs:ListQueues", "sqs:CreateQueue"]


@pytest.mark.parametrize(
    ("service", "call", "operation"),
    [
        ("apigateway", "get_account", "apigateway:GetAccount"),
        ("apigatewayv2", "get_apis", "apigatewayv2:GetApis"),
        ("cloudfront", "list_distributions", "cloudfront:ListDistributions"),
        ("cloudwatch", "describe_alarms", "cloudwatch:DescribeAlarms"),
        ("ec2", "describe_vpcs", "ec2:DescribeVpcs"),
        ("iam", "list_roles", "iam:ListRoles"),
        ("lambda", "list_functions", "lambda:ListFunctions"),
        ("lambda", "list_event_source_mappings", "lambda:ListEventSourceMappings"),
        ("opensearch", "list_domain_names", "opensearch:ListDomainNames"),
        ("opensearchserverless", "list_collections", "opensearchserverless:ListCollections"),
    ],
)
def test_every_protocol_is_known_and_its_errors_are_read(
    server: EmbeddedAws, service: str, call: str, operation: str
) -> None:
    client = server.client(service, "eu-west-1")
    before = server.calls.count[Operation(*operation.split(":"))]
    with server.faults.injected(Fault(Kind.THROTTLE, operation)):
        with pytest.raises(ClientError) as caught:
            getattr(client, call)()
        error = caught.value.response["Error"]
        assert (error["Code"], error["Message"]) == ("ThrottlingException", "Rate exceeded")
        getattr(client, call)()
    assert server.calls.count[Operation(*operation.split(":"))] == before + 2


@pytest.mark.parametrize("arguments", [{"nth": 0}, {"times": 0}, {"seconds": -1}, {"operation": "CreateQueue"}])
def test_fault_that_could_never_be_met_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(GateError, match=r"count from 1|with its service"):
        Fault(Kind.DENY, **arguments)


def test_call_that_comes_again_is_answered_the_same_again(server: EmbeddedAws, sqs: Any) -> None:
    def name_invocation(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "one"

    before = server.calls.repeated.copy()
    sqs.meta.events.register("before-send.*.*", name_invocation)
    first, second = (sqs.create_queue(QueueName=name) for name in ("turns", "other"))
    sqs.meta.events.unregister("before-send.*.*", name_invocation)
    assert first["QueueUrl"] == second["QueueUrl"]
    assert queues(sqs) == ["turns"]
    assert server.calls.repeated - before == {Operation("sqs", "CreateQueue"): 1}


def test_arn_in_a_path_is_one_part_of_it(server: EmbeddedAws) -> None:
    arn = "arn:aws:bedrock:eu-west-1:123456789012:guardrail/none"
    with server.faults.injected(Fault(Kind.THROTTLE, "bedrock:GetGuardrail")), pytest.raises(ClientError, match="Rate"):
        server.client("bedrock", "eu-west-1").get_guardrail(guardrailIdentifier=arn)


def test_access_key_of_twelve_digits_is_the_account(server: EmbeddedAws, sqs: Any) -> None:
    server.client("sqs", "eu-west-1", "111122223333").create_queue(QueueName="turns")
    assert queues(sqs) == []
    assert server.client("sts", "eu-west-1", "111122223333").get_caller_identity()["Account"] == "111122223333"
