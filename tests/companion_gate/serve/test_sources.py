"""Queues and streams to functions: what is deleted, what comes again, and in which order."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from companion_gate.aws.server import EmbeddedAws
from companion_gate.serve.deployed import EventSource
from companion_gate.serve.functions.pool import Invocation, ThrottledError
from companion_gate.serve.sources.queue import QueueSource
from companion_gate.serve.sources.stream import StreamSource
from companion_gate.serve.times import ServiceTimes

REGION = "eu-central-1"
_ACCOUNTS = itertools.count(510_000_000_000)
Answer = Callable[[list[str]], Any]


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as server:
        yield server


@dataclass
class Consumer:
    """A function that answers batches as ``answer`` says, given the bodies or ids of the records."""

    answer: Answer
    batches: list[list[str]] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: Any) -> Invocation:
        records = event["Records"]
        names = [each["body"] if "body" in each else each["dynamodb"]["Keys"]["id"]["S"] for each in records]
        with self.lock:
            self.batches.append(names)
            self.events.append(event)
        answer = self.answer(names)
        if answer is ThrottledError:
            raise ThrottledError
        error = answer if isinstance(answer, dict) and "errorType" in answer else None
        if isinstance(answer, list):
            of_name = dict(zip(names, records, strict=True))
            ids = [_id(of_name[each]) if each in of_name else each for each in answer]
            answer = {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}
        return Invocation("f", "id", time.time(), 0.0, False, None if error else answer, error, (), (), time.time())

    def seen(self, count: int, seconds: float = 10) -> list[list[str]]:
        """The batches, when there are so many."""
        end = time.monotonic() + seconds
        while len(self.batches) < count:
            assert time.monotonic() < end, self.batches
            time.sleep(0.02)
        return list(self.batches)


def _id(record: Any) -> str:
    return str(record["messageId"] if "body" in record else record["dynamodb"]["SequenceNumber"])


@dataclass
class Queue:
    """A queue that gives a message again after a second."""

    client: Any
    url: str

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(each) for each in told.values())


@pytest.fixture
def queue(aws: EmbeddedAws) -> Queue:
    client = aws.client("sqs", REGION, str(next(_ACCOUNTS)))
    made = client.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "1"})
    return Queue(client, made["QueueUrl"])


def consume(queue: Queue, stack: ExitStack, answer: Answer, *, reports: bool = True, batch: int = 10) -> Consumer:
    consumer = Consumer(answer)
    source = EventSource("arn:aws:sqs:eu-central-1:1:q", "f", batch, 2, reports, 0, None)
    how = (source, queue.url, REGION, lambda: queue.client, consumer, 2, ServiceTimes(), consumer.told.append)
    stack.enter_context(closing(QueueSource(*how)))
    return consumer


def send(queue: Queue, *bodies: str) -> None:
    entries = [{"Id": body, "MessageBody": body} for body in bodies]
    queue.client.send_message_batch(QueueUrl=queue.url, Entries=entries)


def test_what_went_well_is_deleted(queue: Queue, together: ExitStack) -> None:
    send(queue, "a", "b")
    consumer = consume(queue, together, lambda _: {"batchItemFailures": []})
    consumer.seen(1)
    time.sleep(1.5)
    assert sorted(name for batch in consumer.batches for name in batch) == ["a", "b"]
    assert queue.left() == 0
    (record, *_) = consumer.events[0]["Records"]
    assert (record["eventSource"], record["awsRegion"]) == ("aws:sqs", REGION)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_what_is_reported_as_failed_comes_again_and_nothing_else(queue: Queue, together: ExitStack) -> None:
    send(queue, "good", "bad")
    tries = itertools.count()
    consumer = consume(queue, together, lambda names: ["bad"] if "bad" in names and next(tries) == 0 else [])
    while "bad" not in [name for batch in consumer.seen(1)[1:] for name in batch]:
        time.sleep(0.05)
    time.sleep(1.2)
    assert [name for batch in consumer.batches for name in batch].count("good") == 1
    assert queue.left() == 0


@pytest.mark.parametrize(
    "first",
    [{"errorType": "ValueError", "errorMessage": "no"}, ["nobody's id"], ThrottledError, {"batchItemFailures": [{}]}],
    ids=["error", "unknown id", "throttled", "malformed report"],
)
def test_a_batch_that_failed_comes_again(queue: Queue, together: ExitStack, first: Any) -> None:
    send(queue, "a")
    answers = itertools.chain([first], itertools.repeat([]))
    consumer = consume(queue, together, lambda _: next(answers))
    assert consumer.seen(2) == [["a"], ["a"]]
    time.sleep(0.2)
    assert queue.left() == 0


def test_a_report_counts_only_where_the_mapping_asks_for_it(queue: Queue, together: ExitStack) -> None:
    send(queue, "a")
    consumer = consume(queue, together, lambda names: names, reports=False)
    consumer.seen(1)
    time.sleep(1.5)
    assert consumer.batches == [["a"]]
    assert queue.left() == 0


@pytest.fixture
def table(aws: EmbeddedAws) -> tuple[Any, Any, str]:
    account = str(next(_ACCOUNTS))
    dynamodb = aws.client("dynamodb", REGION, account)
    made = dynamodb.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return dynamodb, aws.client("dynamodbstreams", REGION, account), made["TableDescription"]["LatestStreamArn"]


def follow(table: Any, stack: ExitStack, answer: Answer, *, retries: int | None = 100) -> Consumer:
    dynamodb, streams, arn = table
    for name in ("a", "b", "c"):
        dynamodb.put_item(TableName="t", Item={"id": {"S": name}})
    for name in ("a", "b", "c"):
        dynamodb.delete_item(TableName="t", Key={"id": {"S": name}})
    consumer = Consumer(answer)
    source = EventSource(arn, "f", 10, 1, True, retries, "REMOVE")
    stack.enter_context(closing(StreamSource(source, REGION, lambda: streams, consumer, consumer.told.append)))
    return consumer


def test_a_stream_hands_over_what_the_filter_lets_through_in_its_order(table: Any, together: ExitStack) -> None:
    consumer = follow(table, together, lambda _: [])
    assert consumer.seen(1) == [["a", "b", "c"]]
    assert {each["eventName"] for each in consumer.events[0]["Records"]} == {"REMOVE"}
    time.sleep(1.2)
    assert len(consumer.batches) == 1


def test_a_stream_goes_on_from_the_first_record_that_failed(table: Any, together: ExitStack) -> None:
    answers = itertools.chain([["b"]], itertools.repeat([]))
    consumer = follow(table, together, lambda _: next(answers))
    assert consumer.seen(2) == [["a", "b", "c"], ["b", "c"]]


def test_what_a_stream_cannot_get_rid_of_is_told_as_lost(table: Any, together: ExitStack) -> None:
    consumer = follow(table, together, lambda _: {"errorType": "ValueError"}, retries=1)
    consumer.seen(2)
    end = time.monotonic() + 5
    while not consumer.told and time.monotonic() < end:
        time.sleep(0.05)
    assert len(consumer.batches) == 2
    (line,) = consumer.told
    assert line.startswith("3 records of arn:aws:dynamodb:")
    assert line.endswith("are lost: no retry is left")


@pytest.mark.parametrize("report", ["what?", {"batchItemFailures": [None]}, {"batchItemFailures": [{}]}])
def test_a_malformed_report_makes_all_of_a_stream_come_again(table: Any, together: ExitStack, report: Any) -> None:
    answers = itertools.chain([report], itertools.repeat([]))
    consumer = follow(table, together, lambda _: next(answers), retries=None)
    assert consumer.seen(2) == [["a", "b", "c"]] * 2


def test_what_goes_wrong_beside_the_function_is_told(queue: Queue, together: ExitStack) -> None:
    def break_(_: list[str]) -> Any:
        raise KeyError("secret words of a user")

    send(queue, "a")
    consumer = consume(queue, together, break_)
    consumer.seen(1)
    end = time.monotonic() + 5
    while not consumer.told and time.monotonic() < end:
        time.sleep(0.05)
    assert consumer.told[0] == "the queue q cannot be consumed: KeyError"
    queue.client.delete_queue(QueueUrl=queue.url)
    while len(set(consumer.told)) < 2 and time.monotonic() < end + 5:
        time.sleep(0.05)
    assert "the queue q cannot be read: QueueDoesNotExist" in consumer.told
