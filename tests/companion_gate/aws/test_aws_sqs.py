from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*"}]})


@pytest.fixture
def sqs(client: Client) -> Any:
    return client("sqs", "eu-west-1")


def arn(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:123456789012:{name}"


def attributes(sqs: Any, url: str, *names: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names or ["All"]).get(
        "Attributes", {}
    )
    return found


def test_address_is_one_of_aws_and_finds_the_queue(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="turns.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    assert url == "https://sqs.eu-west-1.amazonaws.com/123456789012/turns.fifo"
    assert sqs.list_queues()["QueueUrls"] == [url]
    assert sqs.get_queue_url(QueueName="turns.fifo")["QueueUrl"] == url
    assert attributes(sqs, url, "QueueArn") == {"QueueArn": arn("turns.fifo")}
    sqs.delete_queue(QueueUrl=url)
    assert "QueueUrls" not in sqs.list_queues()


def test_policies_are_read_back_as_they_were_sent_and_stay_when_something_else_changes(sqs: Any) -> None:
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3}
    url = sqs.create_queue(QueueName="turns", Attributes={"RedrivePolicy": json.dumps(redrive)})["QueueUrl"]
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn("turns")]}
    sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps(allow)})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": POLICY})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    read = attributes(sqs, url)
    assert read["RedrivePolicy"] == json.dumps(redrive, separators=(",", ":"))
    assert json.loads(read["Policy"]) == json.loads(POLICY)
    assert read["VisibilityTimeout"] == "60"
    assert json.loads(attributes(sqs, dead, "RedriveAllowPolicy")["RedriveAllowPolicy"]) == allow
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": "", "RedrivePolicy": ""})
    assert not {"Policy", "RedrivePolicy"} & attributes(sqs, url).keys()


def test_queue_with_a_key_of_its_own_is_not_encrypted_by_sqs_too(sqs: Any) -> None:
    plain = sqs.create_queue(QueueName="plain")["QueueUrl"]
    own = sqs.create_queue(QueueName="own", Attributes={"KmsMasterKeyId": "alias/companion"})["QueueUrl"]
    assert attributes(sqs, plain)["SqsManagedSseEnabled"] == "true"
    assert attributes(sqs, own)["SqsManagedSseEnabled"] == "false"


@pytest.mark.parametrize(
    "setting",
    [
        {"VisibilityTimeout": "43201"},
        {"MessageRetentionPeriod": "59"},
        {"DelaySeconds": "-1"},
        {"ReceiveMessageWaitTimeSeconds": "21"},
        {"KmsDataKeyReusePeriodSeconds": "59"},
        {"Policy": "no JSON"},
        {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 0})},
        {"RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue"})},
        {"RedriveAllowPolicy": json.dumps({"redrivePermission": "everybody"})},
        {"RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn("a")] * 11})},
    ],
)
def test_attribute_that_aws_does_not_take_is_refused(sqs: Any, refused: Refused, setting: dict[str, str]) -> None:
    sqs.create_queue(QueueName="dead")
    message = refused("InvalidAttributeValue", sqs.create_queue, QueueName="turns", Attributes=setting)
    assert next(iter(setting)) in message
    url = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    refused("InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=url, Attributes=setting)


def test_queue_that_does_not_allow_it_takes_no_dead_letters(sqs: Any, refused: Refused) -> None:
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn("other")]}
    sqs.create_queue(QueueName="dead", Attributes={"RedriveAllowPolicy": json.dumps(allow)})
    redrive = json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3})
    refused("InvalidAttributeValue", sqs.create_queue, QueueName="turns", Attributes={"RedrivePolicy": redrive})
    sqs.create_queue(QueueName="other", Attributes={"RedrivePolicy": redrive})
