"""SQS to Lambda: messages are taken, given to the function, and deleted where it says that all went well.

Source: AWS docs "Using Lambda with Amazon SQS", "Handling errors for an SQS event source in Lambda" (developer guide).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from companion_gate.serve.deployed import EventSource
from companion_gate.serve.functions.pool import Invocation, ThrottledError
from companion_gate.serve.times import ServiceTimes

_WAIT_SECONDS = 1
_PAUSE_SECONDS = 0.2
# AWS API reference: ReceiveMessage.
_BATCH = 10


class QueueSource:
    """Polls one queue until it is closed; ``client`` makes a boto3 client of SQS, ``invoke`` waits for the function.

    At most ``places`` batches are with the function at once. ``report`` hears in a line of what goes wrong between the
    queue and the function; what the function itself fails at, it says itself.
    """

    def __init__(
        self,
        source: EventSource,
        url: str,
        region: str,
        client: Callable[[], Any],
        invoke: Callable[[Any], Invocation],
        places: int,
        times: ServiceTimes,
        report: Callable[[str], None],
    ) -> None:
        self._source = source
        self._url = url
        self._region = region
        self._sqs = client()
        self._invoke = invoke
        self._times = times
        self._report = report
        self._hop = "sqs_fifo" if url.endswith(".fifo") else "sqs_standard"
        self._places = threading.Semaphore(places)
        self._closing = threading.Event()
        self._workers = ThreadPoolExecutor(places, thread_name_prefix="queue")
        self._thread = threading.Thread(target=self._poll, name=f"queue {url.rpartition('/')[2]}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no further message."""
        self._closing.set()
        self._thread.join()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _poll(self) -> None:
        while not self._closing.is_set():
            # A message that is taken before somebody can answer it would only grow old here.
            if not self._places.acquire(timeout=_PAUSE_SECONDS):
                continue
            messages = self._take()
            if messages and not self._closing.is_set():
                self._workers.submit(self._hand_over, messages)
            else:
                self._places.release()

    def _take(self) -> list[dict[str, Any]]:
        try:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(self._source.batch_size, _BATCH),
                WaitTimeSeconds=_WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except Exception as error:
            self._tell("cannot be read", error)
            self._closing.wait(_PAUSE_SECONDS)
            return []
        return list(answer.get("Messages", ()))

    def _hand_over(self, messages: list[dict[str, Any]]) -> None:
        try:
            sent = float(messages[0]["Attributes"]["SentTimestamp"]) / 1000
            time.sleep(max(0.0, sent + self._times.sample(self._hop) - time.time()))
            failed = self._failed(messages)
            for each in messages:
                if each["MessageId"] not in failed and not self._closing.is_set():
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        except Exception as error:
            # The message comes again.
            self._tell("cannot be consumed", error)
        finally:
            self._places.release()

    def _tell(self, what: str, error: Exception) -> None:
        """Report an error; at the end, the emulated AWS may be gone first."""
        if not self._closing.is_set():
            self._report(f"the queue {self._url.rpartition('/')[2]} {what}: {type(error).__name__}")

    def _failed(self, messages: list[dict[str, Any]]) -> set[str]:
        """The ids of those that stay in the queue, to be seen again when their visibility timeout is over."""
        everything = {each["MessageId"] for each in messages}
        try:
            done = self._invoke({"Records": [self._record(each) for each in messages]})
        except ThrottledError:
            return everything
        if done.error is not None:
            return everything
        if not self._source.reports_failures or not done.payload:
            return set()
        try:
            named = {each["itemIdentifier"] for each in done.payload.get("batchItemFailures") or ()}
        except (AttributeError, KeyError, TypeError):
            return everything
        # An id that is not of the batch makes all of it fail.
        return named if named <= everything else everything

    def _record(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message["Attributes"]),
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._source.source_arn,
            "awsRegion": self._region,
        }
