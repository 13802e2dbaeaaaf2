"""Recall from the memory table. DynamoDB deletes an expired item days late, so what has expired is passed over here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from companion import clients, settings
from companion.turns import Memory

# Ten turns and their answers; what is looked at for them holds other conversations too.
RECENT = 20
_LOOKED_AT = 60


def recent(user_id: str, conversation_id: str) -> list[Memory]:
    """The last that was said in a conversation, oldest first."""
    answer = clients.dynamodb().query(
        TableName=settings.text("MEMORY_TABLE"),
        KeyConditionExpression="user_id = :user_id",
        FilterExpression="conversation_id = :conversation_id AND kind = :turn AND expires_at > :now",
        ExpressionAttributeValues={
            ":user_id": {"S": user_id},
            ":conversation_id": {"S": conversation_id},
            ":turn": {"S": "turn"},
            ":now": {"N": str(int(time.time()))},
        },
        ScanIndexForward=False,
        Limit=_LOOKED_AT,
        # The turn before ended just now.
        ConsistentRead=True,
    )
    return [_read(item) for item in reversed(answer["Items"][:RECENT])]


def by_id(user_id: str, memory_ids: Sequence[str]) -> list[Memory]:
    """The memories that are there and have not expired, in the order of the ids."""
    if not memory_ids:
        return []
    keys = [{"user_id": {"S": user_id}, "memory_id": {"S": memory_id}} for memory_id in memory_ids]
    table = settings.text("MEMORY_TABLE")
    answer = clients.dynamodb().batch_get_item(RequestItems={table: {"Keys": keys}})
    found = {memory.memory_id: memory for memory in map(_read, answer["Responses"].get(table, ()))}
    now = time.time()
    return [found[id_] for id_ in memory_ids if id_ in found and found[id_].expires_at > now]


def _read(item: dict[str, Any]) -> Memory:
    return Memory(item["memory_id"]["S"], item["role"]["S"], item["text"]["S"], int(item["expires_at"]["N"]))
