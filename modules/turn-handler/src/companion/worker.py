"""The turn queue: answers each turn, or says that it waited too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from companion import frames, metrics, push, settings, turn, turns
from companion.failures import report


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers SQS (ReportBatchItemFailures). The queue is FIFO: after a failure the rest has to wait for it."""

    def remaining() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    records = event["Records"]
    for position, record in enumerate(records):
        try:
            _consume(record["body"], remaining)
        except Exception as error:
            report("turn left in the queue", error)
            return {"batchItemFailures": [{"itemIdentifier": left["messageId"]} for left in records[position:]]}
    return {"batchItemFailures": []}


def _consume(body: str, remaining: Callable[[], float]) -> None:
    message = turns.read(body)
    deadline = settings.number("DEADLINE_SECONDS")
    if time.time() - message.enqueued_at <= deadline:
        turn.run(message, remaining)
        return
    # An answer that comes too late helps nobody, and the next in the queue would come too late for it as well.
    metrics.emit({"Busy": 1, "DeadlineExceeded": 1})
    try:
        busy = frames.frame("busy", turn_id=message.turn_id, retry_after_ms=deadline * 1000)
        push.post(message.connection_id, busy)
    except push.GoneError:
        turn.forget_connection(message.connection_id)
