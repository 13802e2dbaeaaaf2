"""Erases everything of one user, in every store, and proves it. Whatever fails, SQS lets it be tried again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from companion import clients, frames, push, settings, state, vectors
from companion.failures import HandlerError, name_of, report

# Longer than a turn, a ticket or an erasure from before can still be on its way.
_TOMBSTONE_SECONDS = 14 * 86400
# AWS API reference: BatchWriteItem.
_BATCH = 25
_ATTEMPTS = 8
_ROUNDS = 3

Key = dict[str, Any]


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Consumes the erasure queue. Raises HandlerError when something is left."""
    failed: BaseException | None = None
    for record in event["Records"]:
        try:
            _erase(record["body"])
        except Exception as error:
            report("erasure", error)
            failed = error
    if failed is not None:
        raise HandlerError(f"erasure: {name_of(failed)}")


def _erase(body: str) -> None:
    try:
        message = json.loads(body)
        user_id, connection_id = message["user_id"], message.get("connection_id")
        if message["v"] != 1 or not isinstance(user_id, str) or not user_id:
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError):
        raise HandlerError("a message is no erasure of version 1") from None
    _bury(user_id)
    for _ in range(_ROUNDS):
        _delete_items(user_id)
        if settings.optional("VECTORS_ENDPOINT"):
            vectors.erase(user_id)
        if not _is_left(user_id):
            break
    else:
        raise HandlerError("items are left in the tables")
    if connection_id:
        _confirm(connection_id)


def _bury(user_id: str) -> None:
    """Write the tombstone, before anything is deleted: no turn of before can write from now on."""
    now = time.time()
    clients.dynamodb().put_item(
        TableName=settings.text("STATE_TABLE"),
        Item={
            "user_id": {"S": user_id},
            "state_key": {"S": state.TOMBSTONE},
            "erased_at": {"N": f"{now:.6f}"},
            "expires_at": {"N": str(int(now) + _TOMBSTONE_SECONDS)},
        },
    )


def _delete_items(user_id: str) -> None:
    _delete(settings.text("MEMORY_TABLE"), _memory_keys(user_id))
    _delete(settings.text("STATE_TABLE"), _state_keys(user_id))
    _delete(settings.text("CONNECTIONS_TABLE"), _connection_keys(user_id))


def _is_left(user_id: str) -> bool:
    """Whether a strongly consistent look still finds something. The index of connections cannot be looked at so."""
    return any(True for keys in (_memory_keys(user_id), _state_keys(user_id)) for _ in keys)


def _memory_keys(user_id: str) -> Iterator[Key]:
    return _keys(user_id, {"TableName": settings.text("MEMORY_TABLE"), "ConsistentRead": True}, "user_id, memory_id")


def _state_keys(user_id: str) -> Iterator[Key]:
    query = {"TableName": settings.text("STATE_TABLE"), "ConsistentRead": True}
    keys = _keys(user_id, query, "user_id, state_key")
    return (key for key in keys if key["state_key"]["S"] != state.TOMBSTONE)


def _connection_keys(user_id: str) -> Iterator[Key]:
    query = {"TableName": settings.text("CONNECTIONS_TABLE"), "IndexName": "by_user"}
    return _keys(user_id, query, "connection_id")


def _keys(user_id: str, query: dict[str, Any], attributes: str) -> Iterator[Key]:
    further: dict[str, Any] = {}
    while True:
        answer = clients.dynamodb().query(
            **query,
            **further,
            KeyConditionExpression="user_id = :user_id",
            ExpressionAttributeValues={":user_id": {"S": user_id}},
            ProjectionExpression=attributes,
        )
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        further = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _delete(table: str, keys: Iterator[Key]) -> None:
    found = list(keys)
    for start in range(0, len(found), _BATCH):
        requests = [{"DeleteRequest": {"Key": key}} for key in found[start : start + _BATCH]]
        for attempt in range(_ATTEMPTS):
            answer = clients.dynamodb().batch_write_item(RequestItems={table: requests})
            requests = answer.get("UnprocessedItems", {}).get(table, [])
            if not requests:
                break
            time.sleep(0.05 * 2**attempt)
        else:
            raise HandlerError("DynamoDB leaves deletions unprocessed")


def _confirm(connection_id: str) -> None:
    try:
        push.post(connection_id, frames.frame("erasure", "erased"))
    except push.GoneError:
        return
    except Exception as error:
        # The data are gone, which is what was asked for.
        report("erasure not confirmed", error)
