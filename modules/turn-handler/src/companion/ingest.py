"""Frames from clients: queues a turn or an erasure, or says at once why not. Nothing is met with silence."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from companion import clients, frames, metrics, push, settings
from companion.failures import code_of, report

# When nothing better is known, such as after a failed request to SQS; assumed.
_RETRY_MS = 2000
_ERASURES_PER_MINUTE = 6


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answers the routes send, erase, ping and $default. On a 500, API Gateway tells the client of an error itself."""
    request = event["requestContext"]
    user_id = request.get("authorizer", {}).get("user_id")
    if not user_id:
        return {"statusCode": 401}
    try:
        reply = _reply(event, request, user_id)
        if reply is not None:
            push.post(request["connectionId"], reply)
    except push.GoneError:
        return {"statusCode": 200}
    except Exception as error:
        report("ingest", error)
        return {"statusCode": 500}
    return {"statusCode": 200}


def _reply(event: Mapping[str, Any], request: Mapping[str, Any], user_id: str) -> bytes | None:
    """What to tell the client now; None when the worker will answer."""
    try:
        frame = frames.parse(event.get("body"), binary=bool(event.get("isBase64Encoded")))
    except frames.FrameError as bad:
        return frames.frame("error", str(bad), turn_id=bad.turn_id)
    if isinstance(frame, frames.Ping):
        return frames.frame("pong")
    if isinstance(frame, frames.Listen):
        return frames.frame("error", "this companion does not listen; send text")
    turn_id = frame.turn_id if isinstance(frame, frames.Send) else None
    try:
        if isinstance(frame, frames.Erase):
            wait_ms = _queue_erasure(user_id, request)
        else:
            wait_ms = _queue_turn(frame, user_id, request)
    except Exception as error:
        report("ingest", error)
        wait_ms = _RETRY_MS
    if wait_ms:
        metrics.emit({"Busy": 1})
        return frames.frame("busy", turn_id=turn_id, retry_after_ms=wait_ms)
    return frames.frame("erasure", "requested") if turn_id is None else None


def _queue_turn(frame: frames.Send, user_id: str, request: Mapping[str, Any]) -> int:
    """Queue a turn; milliseconds to wait instead, or 0."""
    now = time.time()
    wait_ms = _wait_ms(user_id, "rate", settings.number("TURNS_PER_MINUTE"), now)
    if wait_ms:
        return wait_ms
    message = {
        "v": 1,
        "user_id": user_id,
        "connection_id": request["connectionId"],
        "conversation_id": frame.conversation_id,
        "turn_id": frame.turn_id,
        "text": frame.text,
        "voice": frame.voice,
        "enqueued_at": now,
    }
    clients.sqs().send_message(
        QueueUrl=settings.text("TURN_QUEUE_URL"),
        MessageBody=json.dumps(message),
        MessageGroupId=_digest(user_id, frame.conversation_id),
        # SQS drops a repeated id for 5 minutes without a word, and a client that was told to try again repeats its
        # turn_id. So the id is of this frame, against repeated requests to SQS; the worker knows what it answered.
        MessageDeduplicationId=_digest(user_id, frame.turn_id, request["requestId"]),
    )
    return 0


def _queue_erasure(user_id: str, request: Mapping[str, Any]) -> int:
    """Queue an erasure; milliseconds to wait instead, or 0."""
    now = time.time()
    wait_ms = _wait_ms(user_id, "rate#erase", _ERASURES_PER_MINUTE, now)
    if wait_ms:
        return wait_ms
    message = {"v": 1, "user_id": user_id, "connection_id": request["connectionId"], "requested_at": now}
    clients.sqs().send_message(QueueUrl=settings.text("ERASURE_QUEUE_URL"), MessageBody=json.dumps(message))
    return 0


def _wait_ms(user_id: str, kind: str, limit: int, now: float) -> int:
    """Count one more in this minute; milliseconds until the next minute when there were enough, else 0."""
    minute = int(now // 60)
    try:
        clients.dynamodb().update_item(
            TableName=settings.text("STATE_TABLE"),
            Key={"user_id": {"S": user_id}, "state_key": {"S": f"{kind}#{minute}"}},
            UpdateExpression="SET expires_at = :expires_at ADD frames :one",
            ConditionExpression="attribute_not_exists(frames) OR frames < :limit",
            ExpressionAttributeValues={
                ":expires_at": {"N": str((minute + 2) * 60)},
                ":one": {"N": "1"},
                ":limit": {"N": str(limit)},
            },
        )
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        return max(1, int(((minute + 1) * 60 - now) * 1000))
    return 0


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
