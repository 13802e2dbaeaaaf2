"""Writes that an erasure forbids: one transaction with a look at the user's tombstone, so that none slips past it.

The erasure writes the tombstone first and then deletes. A transaction of before is deleted; one of after is refused.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from companion import clients, settings
from companion.failures import code_of

TOMBSTONE = "erased"
_ATTEMPTS = 4


class ErasedError(Exception):
    """The user's data were erased after the moment that the write belongs to."""


class ConditionError(Exception):
    """A condition of the write itself does not hold; ``item`` is what stands there, where the write asked for it."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__("condition not met")
        self.item = item


def put(table: str, item: Mapping[str, Any], condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """An item to write in a transaction; ``condition`` holds the ConditionExpression and its names and values."""
    return {"Put": {"TableName": table, "Item": item, **(condition or {})}}


def write_unless_erased(user_id: str, since: float, *puts: Mapping[str, Any]) -> None:
    """Write all or nothing. Raises ErasedError when the user was erased at ``since`` or later, and ConditionError."""
    tombstone = {
        "ConditionCheck": {
            "TableName": settings.text("STATE_TABLE"),
            "Key": {"user_id": {"S": user_id}, "state_key": {"S": TOMBSTONE}},
            "ConditionExpression": "attribute_not_exists(erased_at) OR erased_at < :since",
            "ExpressionAttributeValues": {":since": {"N": f"{since:.6f}"}},
        }
    }
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            clients.dynamodb().transact_write_items(TransactItems=[tombstone, *puts])
        except ClientError as error:
            if code_of(error) != "TransactionCanceledException":
                raise
            reasons = error.response.get("CancellationReasons", [])
            failed = [index for index, reason in enumerate(reasons) if reason.get("Code") == "ConditionalCheckFailed"]
            if 0 in failed:
                raise ErasedError from None
            if failed:
                raise ConditionError(reasons[failed[0]].get("Item", {})) from None
            # Two conversations of one user look at the same tombstone at the same moment.
            if attempt == _ATTEMPTS or not any(reason.get("Code") == "TransactionConflict" for reason in reasons):
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311
        else:
            return


def erased_since(user_id: str, since: float) -> bool:
    """Whether the user was erased at ``since`` or later."""
    key = {"user_id": {"S": user_id}, "state_key": {"S": TOMBSTONE}}
    answer = clients.dynamodb().get_item(TableName=settings.text("STATE_TABLE"), Key=key, ConsistentRead=True)
    return bool("Item" in answer and float(answer["Item"]["erased_at"]["N"]) >= since)
