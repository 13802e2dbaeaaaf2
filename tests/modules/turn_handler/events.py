"""Events as AWS sends them to the functions (AWS docs: API Gateway WebSocket, Lambda with SQS and with DynamoDB)."""

from __future__ import annotations

import json
import time
from typing import Any

USER = "auth0|user-4711"
CONNECTION = "L0SM9cOFvHcCIhw="
TEXT = "Hello there, I am sad about my cat today."
REGION = "eu-central-1"


class Context:
    """Lambda's context, with so much time left."""

    def __init__(self, seconds: float = 30) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._end - time.monotonic()) * 1000)


def request_context(route: str, event_type: str, connection_id: str, user_id: str | None) -> dict[str, Any]:
    authorizer = {"user_id": user_id, "principalId": "x", "integrationLatency": 42}
    return {
        "routeKey": route,
        "eventType": event_type,
        "extendedRequestId": "YxW4xG8CliAFkZw=",
        "requestTime": "26/Nov/2026:05:23:00 +0000",
        "messageDirection": "IN",
        "stage": "live",
        "connectedAt": 1795670580000,
        "requestTimeEpoch": 1795670580123,
        "requestId": f"request-{time.monotonic_ns()}",
        "domainName": f"abcdef1234.execute-api.{REGION}.amazonaws.com",
        "connectionId": connection_id,
        "apiId": "abcdef1234",
        **({"authorizer": authorizer, "messageId": "YxW4xdVnliACHNw="} if user_id else {}),
    }


def message(frame: object, route: str = "send", *, user_id: str | None = USER, connection: str = CONNECTION) -> Any:
    """A frame from a client; a string is sent as it is."""
    return {
        "requestContext": request_context(route, "MESSAGE", connection, user_id),
        "body": frame if isinstance(frame, str) else json.dumps(frame),
        "isBase64Encoded": False,
    }


def connect(route: str = "$connect", *, user_id: str | None = USER, headers: dict[str, str] | None = None) -> Any:
    """$connect or $disconnect, as the integration gets it."""
    event_type = route.removeprefix("$").upper()
    return {
        "headers": headers or {},
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "requestContext": request_context(route, event_type, CONNECTION, user_id),
        "isBase64Encoded": False,
    }


def authorization(subprotocols: str | None, header: str = "Sec-WebSocket-Protocol") -> Any:
    """$connect, as the REQUEST authorizer gets it."""
    event = connect(user_id=None, headers={} if subprotocols is None else {header: subprotocols})
    arn = f"arn:aws:execute-api:{REGION}:111122223333:abcdef1234/live/$connect"
    return {"type": "REQUEST", "methodArn": arn, **event, "queryStringParameters": None}


def turn(**changes: Any) -> dict[str, Any]:
    """A message of the turn queue."""
    return {
        "v": 1,
        "user_id": USER,
        "connection_id": CONNECTION,
        "conversation_id": "default",
        "turn_id": "turn-1",
        "text": TEXT,
        "voice": "",
        "enqueued_at": time.time(),
        **changes,
    }


def erasure(**changes: Any) -> dict[str, Any]:
    """A message of the erasure queue."""
    return {"v": 1, "user_id": USER, "connection_id": CONNECTION, "requested_at": time.time(), **changes}


def sqs(*bodies: object, queue: str = "turns.fifo") -> dict[str, Any]:
    """A batch of a queue; a string is a body as it is."""
    return {"Records": [_sqs_record(index, body, queue) for index, body in enumerate(bodies)]}


def _sqs_record(index: int, body: object, queue: str) -> dict[str, Any]:
    return {
        "messageId": f"message-{index}",
        "receiptHandle": "AQEB",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795670580123", "MessageGroupId": "group"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:111122223333:{queue}",
        "awsRegion": REGION,
    }


def removed(*memory_ids: str, event_name: str = "REMOVE") -> dict[str, Any]:
    """Records of the memory table's stream."""
    return {
        "Records": [
            {
                "eventID": f"event-{index}",
                "eventName": event_name,
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": REGION,
                "dynamodb": {
                    "ApproximateCreationDateTime": 1795670580.0,
                    "Keys": {"user_id": {"S": USER}, "memory_id": {"S": memory_id}},
                    "SequenceNumber": f"1{index}",
                    "SizeBytes": 60,
                    "StreamViewType": "OLD_IMAGE",
                },
                "eventSourceARN": f"arn:aws:dynamodb:{REGION}:111122223333:table/memory/stream/2026-11-26T00:00:00.000",
            }
            for index, memory_id in enumerate(memory_ids)
        ]
    }
