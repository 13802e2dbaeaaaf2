"""That the companion is no human: told at the start of each connection, and every three hours.

New York's General Business Law, article 47, asks for both; California's SB 243 for the latter with minors.
"""

from __future__ import annotations

import time
from typing import Any

from companion import clients, settings, state
from companion.turns import Turn

EVERY_SECONDS = 3 * 3600


def due(turn: Turn) -> bool:
    """Whether the user of this connection has to be told now."""
    key = {"user_id": {"S": turn.user_id}, "state_key": {"S": _state_key(turn)}}
    answer = clients.dynamodb().get_item(TableName=settings.text("STATE_TABLE"), Key=key, ConsistentRead=True)
    return "Item" not in answer or float(answer["Item"]["shown_at"]["N"]) <= time.time() - EVERY_SECONDS


def shown(turn: Turn) -> dict[str, Any]:
    """The item to write once the user was told. Where writing fails, they are told again."""
    now = int(time.time())
    item = {
        "user_id": {"S": turn.user_id},
        "state_key": {"S": _state_key(turn)},
        "shown_at": {"N": str(now)},
        "expires_at": {"N": str(now + EVERY_SECONDS)},
    }
    return state.put(settings.text("STATE_TABLE"), item)


def _state_key(turn: Turn) -> str:
    return f"disclosure#{turn.connection_id}"
