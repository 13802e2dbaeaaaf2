from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from companion_gate.aws.serial import turn

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


def test_nothing_is_lost_while_others_delete(sqs: Any, threads_that_take_turns_often: None) -> None:
    url = sqs.create_queue(QueueName="busy")["QueueUrl"]
    sent = {f"message {number}" for number in range(300)}
    received: list[str] = []

    def consume() -> None:
        while len(received) < len(sent):
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", ())
            for message in messages:
                received.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if not messages:
                return

    with ThreadPoolExecutor(6) as threads:
        consumers = [threads.submit(consume) for _ in range(2)]
        list(threads.map(lambda body: sqs.send_message(QueueUrl=url, MessageBody=body), sorted(sent)))
        for each in consumers:
            each.result()
    assert sorted(received) == sorted(sent)


def test_a_long_poll_ends_with_the_message_that_it_waits_for(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="quiet", Attributes={"ReceiveMessageWaitTimeSeconds": "15"})["QueueUrl"]
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)
    assert time.monotonic() - began < 5
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert time.monotonic() - began >= 1
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(sqs.receive_message, QueueUrl=url)
        time.sleep(0.3)
        assert not waiting.done()
        sqs.send_message(QueueUrl=url, MessageBody="hello")
        assert [each["Body"] for each in waiting.result(5)["Messages"]] == ["hello"]
    assert time.monotonic() - began < 12


def test_one_request_waits_for_the_other(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="orderly")["QueueUrl"]
    with ThreadPoolExecutor(2) as threads:
        with turn("sqs"):
            others = [
                threads.submit(sqs.send_message, QueueUrl=url, MessageBody="hello"),
                threads.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=5),
            ]
            time.sleep(0.5)
            assert [each.done() for each in others] == [False, False]
        assert [each["Body"] for each in others[1].result(10)["Messages"]] == ["hello"]
