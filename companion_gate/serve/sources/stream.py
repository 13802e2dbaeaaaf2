"""A DynamoDB stream to Lambda: records in their order, again and again from the first one that failed.

Source: AWS docs "Using Lambda with Amazon DynamoDB", "Configuring partial batch response with DynamoDB".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from companion_gate.serve.deployed import EventSource
from companion_gate.serve.functions.pool import Invocation, ThrottledError

_PAUSE_SECONDS = 0.5


class StreamSource:
    """Reads one stream from its beginning until it is closed. What fails more often than ``retries`` is passed over;
    `report` hears of it in a line."""

    def __init__(
        self,
        source: EventSource,
        region: str,
        client: Callable[[], Any],
        invoke: Callable[[Any], Invocation],
        report: Callable[[str], None],
    ) -> None:
        self._report = report
        self._source = source
        self._region = region
        self._streams = client()
        self._invoke = invoke
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, name="stream", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Read no further."""
        self._closing.set()
        self._thread.join()

    def _read(self) -> None:
        iterator: str | None = None
        while not self._closing.is_set():
            try:
                iterator = iterator or self._beginning()
                answer = self._streams.get_records(ShardIterator=iterator, Limit=self._source.batch_size)
            except Exception as error:
                # At the end, the emulated AWS may be gone first.
                if not self._closing.is_set():
                    self._report(f"the stream {self._source.source_arn} cannot be read: {type(error).__name__}")
                self._closing.wait(_PAUSE_SECONDS)
                continue
            wanted = [each for each in answer["Records"] if self._source.pattern in (None, each["eventName"])]
            self._hand_over(wanted)
            iterator = answer.get("NextShardIterator")
            if not answer["Records"]:
                self._closing.wait(_PAUSE_SECONDS)

    def _beginning(self) -> str:
        described = self._streams.describe_stream(StreamArn=self._source.source_arn)["StreamDescription"]
        shard = described["Shards"][0]["ShardId"]
        answer = self._streams.get_shard_iterator(
            StreamArn=self._source.source_arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        return str(answer["ShardIterator"])

    def _hand_over(self, records: list[dict[str, Any]]) -> None:
        attempts = 0
        while records and not self._closing.is_set():
            left = self._left(records)
            attempts = attempts + 1 if len(left) == len(records) else 0
            if self._source.retries is not None and attempts > self._source.retries:
                self._report(f"{len(left)} records of {self._source.source_arn} are lost: no retry is left")
                return
            records = left
            if left:
                self._closing.wait(_PAUSE_SECONDS)

    def _left(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records from the first that failed on."""
        try:
            done = self._invoke({"Records": [self._record(each) for each in records]})
        except ThrottledError:
            return records
        if done.error is not None:
            return records
        try:
            failed = {each["itemIdentifier"] for each in (done.payload or {}).get("batchItemFailures") or ()}
        except (AttributeError, KeyError, TypeError):
            return records
        if not self._source.reports_failures or not failed:
            return []
        numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
        first = min((numbers.index(each) for each in failed if each in numbers), default=0)
        return records[first:]

    def _record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        change = dict(record["dynamodb"])
        created = change.get("ApproximateCreationDateTime")
        if isinstance(created, datetime):
            change["ApproximateCreationDateTime"] = created.timestamp()
        return {
            "eventID": record["eventID"],
            "eventName": record["eventName"],
            "eventVersion": record["eventVersion"],
            "eventSource": "aws:dynamodb",
            "awsRegion": self._region,
            "dynamodb": change,
            "eventSourceARN": self._source.source_arn,
        }
