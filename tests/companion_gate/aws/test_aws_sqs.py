from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
FIFO = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyWithoutTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    },
    separators=(",", ":"),
)


@pytest.fixture
def sqs(client: Client) -> Any:
    return client("sqs", "eu-west-1")


def attributes(sqs: Any, url: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found


def made(sqs: Any, name: str, **settings: str) -> tuple[str, str]:
    """URL and ARN of a new queue."""
    url = sqs.create_queue(QueueName=name, Attributes=settings)["QueueUrl"]
    return url, attributes(sqs, url)["QueueArn"]


def to(arn: str, receives: int = 2) -> str:
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": receives}, separators=(",", ":"))


def only(*sources: str) -> str:
    return json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": sources}, separators=(",", ":"))


def test_queue_of_turns_reads_back_as_it_was_sent(sqs: Any) -> None:
    _, letters = made(sqs, "letters.fifo", **FIFO)
    sent = {
        **FIFO,
        "ContentBasedDeduplication": "false",
        "VisibilityTimeout": "180",
        "MessageRetentionPeriod": "600",
        "ReceiveMessageWaitTimeSeconds": "20",
        "KmsMasterKeyId": KEY,
        "KmsDataKeyReusePeriodSeconds": "300",
        "RedrivePolicy": to(letters),
        "Policy": POLICY,
    }
    url, _ = made(sqs, "turns.fifo", **sent)
    found = attributes(sqs, url)
    assert {name: found[name] for name in sent} == sent
    assert found["SqsManagedSseEnabled"] == "false"
    assert "RedriveAllowPolicy" not in found


def test_each_document_is_set_and_taken_back_without_touching_another(sqs: Any) -> None:
    url, arn = made(sqs, "letters")
    documents = {"Policy": POLICY, "RedriveAllowPolicy": only(f"{arn}-source")}
    for name, text in documents.items():
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: text})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "90"})
    assert documents.items() <= attributes(sqs, url).items()
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])
    assert answer["Attributes"] == {"RedriveAllowPolicy": documents["RedriveAllowPolicy"]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in attributes(sqs, url)
    assert attributes(sqs, url)["Policy"] == POLICY
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in attributes(sqs, url)
    assert attributes(sqs, url)["VisibilityTimeout"] == "90"


def test_blanks_in_a_document_do_not_come_back(sqs: Any) -> None:
    _, letters = made(sqs, "letters")
    url, _ = made(sqs, "erasures", RedrivePolicy=json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 5}))
    assert attributes(sqs, url)["RedrivePolicy"] == to(letters, 5)


def test_dead_letter_queue_lets_in_those_that_it_names(sqs: Any, refused: Refused) -> None:
    url, letters = made(sqs, "letters")
    turns, arn = made(sqs, "turns")
    other, _ = made(sqs, "other")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": only(arn)})
    sqs.set_queue_attributes(QueueUrl=turns, Attributes={"RedrivePolicy": to(letters)})
    why = refused(
        "InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=other, Attributes={"RedrivePolicy": to(letters)}
    )
    assert "does not allow this source queue" in why
    assert sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"] == [turns]
    deny = json.dumps({"redrivePermission": "denyAll"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": deny})
    refused("InvalidAttributeValue", sqs.create_queue, QueueName="new", Attributes={"RedrivePolicy": to(letters)})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": "{}"})
    sqs.create_queue(QueueName="new", Attributes={"RedrivePolicy": to(letters)})


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("no", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"redrivePermission":"some"}', "redrivePermission"),
        ('{"redrivePermission":"byQueue"}', "sourceQueueArns"),
        ('{"redrivePermission":"denyAll","sourceQueueArns":["arn"]}', "sourceQueueArns"),
        (only(*"abcdefghijk"), "1 to 10"),
        (only(), "1 to 10"),
    ],
)
def test_wrong_permission_is_refused(sqs: Any, refused: Refused, document: str, why: str) -> None:
    url, _ = made(sqs, "letters")
    assert why in refused(
        "InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedriveAllowPolicy": document}
    )
    assert "RedriveAllowPolicy" not in attributes(sqs, url)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "not valid JSON"),
        ('{"maxReceiveCount":2}', "deadLetterTargetArn"),
        ('{"deadLetterTargetArn":"LETTERS"}', "maxReceiveCount"),
        ('{"deadLetterTargetArn":"LETTERS","maxReceiveCount":0}', "maxReceiveCount"),
        ('{"deadLetterTargetArn":"LETTERS","maxReceiveCount":1001}', "maxReceiveCount"),
        ('{"deadLetterTargetArn":"LETTERS-gone","maxReceiveCount":2}', "does not exist"),
        ('{"deadLetterTargetArn":"LETTERS.fifo","maxReceiveCount":2}', "same type"),
    ],
)
def test_wrong_dead_letter_target_is_refused(sqs: Any, refused: Refused, document: str, why: str) -> None:
    _, letters = made(sqs, "letters")
    made(sqs, "letters.fifo", FifoQueue="true")
    settings = {"RedrivePolicy": document.replace("LETTERS", letters)}
    assert why in refused("InvalidAttributeValue", sqs.create_queue, QueueName="turns", Attributes=settings)
    assert [url.rsplit("/", 1)[1] for url in sqs.list_queues()["QueueUrls"]] == ["letters", "letters.fifo"]


@pytest.mark.parametrize(
    "settings",
    [
        {"VisibilityTimeout": "43201"},
        {"VisibilityTimeout": "-1"},
        {"MessageRetentionPeriod": "59"},
        {"ReceiveMessageWaitTimeSeconds": "21"},
        {"DelaySeconds": "901"},
        {"KmsDataKeyReusePeriodSeconds": "59"},
        {"MaximumMessageSize": "1048577"},
        {"SqsManagedSseEnabled": "yes"},
        {"SqsManagedSseEnabled": "true", "KmsMasterKeyId": KEY},
        {"Policy": "{"},
    ],
)
def test_value_out_of_bounds_is_refused(sqs: Any, refused: Refused, settings: dict[str, str]) -> None:
    refused("InvalidAttributeValue", sqs.create_queue, QueueName="turns", Attributes=settings)


@pytest.mark.parametrize("name", ["ContentBasedDeduplication", "Colour"])
def test_attribute_of_no_standard_queue_is_refused(sqs: Any, refused: Refused, name: str) -> None:
    refused("InvalidAttributeName", sqs.create_queue, QueueName="turns", Attributes={name: "true"})


def test_high_throughput_needs_the_scope_of_groups(sqs: Any, refused: Refused) -> None:
    url, _ = made(sqs, "turns.fifo", **FIFO)
    for change in ({"DeduplicationScope": "queue"}, {"DeduplicationScope": "group"}):
        refused("InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=url, Attributes=change)
    both = {"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=both)
    assert both.items() <= attributes(sqs, url).items()
    refused(
        "InvalidAttributeValue",
        sqs.create_queue,
        QueueName="other.fifo",
        Attributes={"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"},
    )


def test_type_of_a_queue_is_in_its_name_and_stays(sqs: Any, refused: Refused) -> None:
    refused("InvalidAttributeValue", sqs.create_queue, QueueName="turns", Attributes={"FifoQueue": "true"})
    refused("InvalidAttributeValue", sqs.create_queue, QueueName="turns.fifo")
    url, _ = made(sqs, "turns.fifo", FifoQueue="true")
    refused("InvalidAttributeName", sqs.set_queue_attributes, QueueUrl=url, Attributes={"FifoQueue": "true"})


def test_one_encryption_ends_the_other(sqs: Any) -> None:
    url, _ = made(sqs, "turns")
    assert attributes(sqs, url)["SqsManagedSseEnabled"] == "true"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": KEY})
    assert attributes(sqs, url)["KmsMasterKeyId"] == KEY
    assert attributes(sqs, url)["SqsManagedSseEnabled"] == "false"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
    assert attributes(sqs, url)["SqsManagedSseEnabled"] == "true"
    assert "KmsMasterKeyId" not in attributes(sqs, url)


def test_letters_arrive_after_the_last_receive(sqs: Any) -> None:
    letters_url, letters = made(sqs, "letters")
    url, _ = made(sqs, "turns", RedrivePolicy=to(letters, 1), VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="turn")
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=letters_url)["Messages"]] == ["turn"]


def test_tags_and_an_unknown_queue(sqs: Any, refused: Refused) -> None:
    url = sqs.create_queue(QueueName="turns", tags={"data": "personal"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"team": "chat"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["data"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "chat"}
    sqs.delete_queue(QueueUrl=url)
    gone = "AWS.SimpleQueueService.NonExistentQueue"
    refused(gone, sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
    refused(gone, sqs.set_queue_attributes, QueueUrl=url, Attributes={"DelaySeconds": "1"})
