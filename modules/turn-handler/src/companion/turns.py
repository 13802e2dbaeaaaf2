"""What is known of a turn: that it is being answered, that it was answered, and what it left in memory."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from companion import clients, settings, state, ulid
from companion.failures import HandlerError, code_of, report

_DAY_SECONDS = 86400


class AnsweredError(Exception):
    """The turn was answered before."""


class InProgressError(HandlerError):
    """Somebody else is answering the turn."""


@dataclass(frozen=True)
class Turn:
    """A message of the turn queue."""

    user_id: str
    connection_id: str
    conversation_id: str
    turn_id: str
    text: str
    voice: str
    enqueued_at: float


@dataclass(frozen=True)
class Claim:
    """The right to answer a turn, until ``until`` (epoch seconds)."""

    turn: Turn
    lease: str
    until: float


@dataclass(frozen=True)
class Memory:
    """What the user or the companion said."""

    memory_id: str
    role: str
    text: str
    expires_at: int


def read(body: str) -> Turn:
    """The turn of a message. Raises HandlerError when it is none."""
    try:
        content = json.loads(body)
        if content["v"] != 1:
            raise ValueError
        texts = {name: content[name] for name in Turn.__dataclass_fields__ if name != "enqueued_at"}
        if not all(isinstance(value, str) for value in texts.values()):
            raise ValueError
        return Turn(**texts, enqueued_at=float(content["enqueued_at"]))
    except (KeyError, TypeError, ValueError):
        raise HandlerError("a message is no turn of version 1") from None


def claim(turn: Turn, seconds: float) -> Claim:
    """Take a turn for so long. A turn that somebody took and did not finish in time can be taken again.

    Raises AnsweredError, InProgressError and state.ErasedError.
    """
    now = time.time()
    claimed = Claim(turn, secrets.token_hex(8), now + seconds)
    free = "attribute_not_exists(state_key) OR (progress = :running AND lease_until < :now)"
    condition = {
        "ConditionExpression": free,
        "ExpressionAttributeValues": {":running": {"S": "running"}, ":now": {"N": f"{now:.3f}"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    try:
        item = state.put(settings.text("STATE_TABLE"), _item(claimed, "running", claimed.until), condition)
        state.write_unless_erased(turn.user_id, turn.enqueued_at, item)
    except state.ConditionError as refused:
        if refused.item.get("progress", {}).get("S") == "done":
            raise AnsweredError from None
        raise InProgressError("the turn is being answered by another run") from None
    return claimed


def release(claimed: Claim) -> None:
    """Give an unfinished turn back, so that it can be sent again. Never creates an item: the user may be erased."""
    try:
        clients.dynamodb().put_item(
            TableName=settings.text("STATE_TABLE"), Item=_item(claimed, "running", 0), **_held(claimed)
        )
    except Exception as error:
        # Finished, erased, or somebody else's by now.
        if not (isinstance(error, ClientError) and code_of(error) == "ConditionalCheckFailedException"):
            report("turn not released", error)


def finish(claimed: Claim, memories: Sequence[Memory], further: Sequence[dict[str, Any]] = ()) -> None:
    """Mark a turn as answered and keep what was said, all or nothing; ``further`` are more items to write with it.

    Raises state.ErasedError, and state.ConditionError when the turn is somebody else's by now.
    """
    turn = claimed.turn
    done = state.put(settings.text("STATE_TABLE"), _item(claimed, "done", 0), _held(claimed))
    kept = [state.put(settings.text("MEMORY_TABLE"), _memory_item(turn, memory)) for memory in memories]
    state.write_unless_erased(turn.user_id, turn.enqueued_at, done, *kept, *further)


def memory(role: str, text: str) -> Memory:
    """A new memory, which expires as the retention says."""
    expires_at = int(time.time()) + settings.number("RETENTION_DAYS") * _DAY_SECONDS
    return Memory(ulid.new(), role, text, expires_at)


def _item(claimed: Claim, progress: str, lease_until: float) -> dict[str, Any]:
    return {
        "user_id": {"S": claimed.turn.user_id},
        "state_key": {"S": f"turn#{claimed.turn.turn_id}"},
        "progress": {"S": progress},
        "lease": {"S": claimed.lease},
        "lease_until": {"N": f"{lease_until:.3f}"},
        # Far longer than the queue keeps a message.
        "expires_at": {"N": str(int(time.time()) + _DAY_SECONDS)},
    }


def _held(claimed: Claim) -> dict[str, Any]:
    return {
        "ConditionExpression": "lease = :lease AND progress = :running",
        "ExpressionAttributeValues": {":lease": {"S": claimed.lease}, ":running": {"S": "running"}},
    }


def _memory_item(turn: Turn, memory: Memory) -> dict[str, Any]:
    return {
        "user_id": {"S": turn.user_id},
        "memory_id": {"S": memory.memory_id},
        "kind": {"S": "turn"},
        "conversation_id": {"S": turn.conversation_id},
        "role": {"S": memory.role},
        "text": {"S": memory.text},
        "expires_at": {"N": str(memory.expires_at)},
    }
