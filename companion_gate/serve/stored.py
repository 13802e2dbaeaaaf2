"""What is known of a user, in every store that the companion deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from companion_gate.serve.companion import LocalCompanion

_TABLES = {"memory": "MEMORY_TABLE", "state": "STATE_TABLE", "connections": "CONNECTIONS_TABLE"}
Item = dict[str, Any]


class Stored:
    """Asks the tables themselves, as nobody but the eraser does."""

    def __init__(self, companion: LocalCompanion) -> None:
        self._dynamodb = companion.client("dynamodb")
        self._vectors = companion.vectors
        variables = [each.environment for each in companion.deployed.functions.values()]
        self.tables = {
            kind: next((each[name] for each in variables if name in each), "") for kind, name in _TABLES.items()
        }

    def items(self, table: str, user_id: str) -> list[Item]:
        """The items of a user in "memory", "state" or "connections"."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self.tables[table],
            FilterExpression="user_id = :user_id",
            ExpressionAttributeValues={":user_id": {"S": user_id}},
            ConsistentRead=True,
        )
        return [item for page in pages for item in page["Items"]]

    def vectors(self, user_id: str) -> list[Item]:
        """The documents of a user in the vector store."""
        documents = list(self._vectors.documents.values()) if self._vectors else []
        return [each for each in documents if each.get("user_id") == user_id]

    def of(self, user_id: str) -> dict[str, Any]:
        """How much there is of a user, and what was said; the tombstone of an erasure does not count."""
        state = [each for each in self.items("state", user_id) if each["state_key"]["S"] != "erased"]
        memory = self.items("memory", user_id)
        return {
            "memory": [
                {"role": each["role"]["S"], "text": each["text"]["S"], "expires_at": int(each["expires_at"]["N"])}
                for each in sorted(memory, key=lambda each: str(each["memory_id"]["S"]))
            ],
            "state": len(state),
            "connections": len(self.items("connections", user_id)),
            "vectors": len(self.vectors(user_id)),
        }
