"""The frames of the protocol: what a client may send, and what it is sent. Limits and forms are the schema's."""

from __future__ import annotations

import json
import pkgutil
import re
from dataclasses import dataclass
from typing import Any

_SCHEMA = json.loads(pkgutil.get_data("companion", "protocol-1.schema.json") or "")
_FORMS = _SCHEMA["$defs"]
SUBPROTOCOL: str = _SCHEMA["title"]
# A frame is metered in 32 KB, and SQS takes 256 KB; a chat message needs neither.
MAX_TEXT_BYTES: int = _FORMS["send"]["properties"]["text"]["x-maxBytes"]
# The types of frames that a client gets, and those after which nothing more belongs to a turn.
KINDS = {
    _FORMS[each["$ref"].rpartition("/")[2]]["properties"]["type"]["const"]: _FORMS[each["$ref"].rpartition("/")[2]]
    for each in _FORMS["server"]["oneOf"]
}
LAST = frozenset(kind for kind, form in KINDS.items() if form.get("x-last"))
_ID = re.compile(_FORMS["id"]["pattern"])
_LANGUAGE = re.compile(_FORMS["language"]["pattern"])


class FrameError(Exception):
    """A frame that the protocol does not have; the message tells the client what to send instead."""

    def __init__(self, message: str, turn_id: str | None = None) -> None:
        super().__init__(message)
        self.turn_id = turn_id


@dataclass(frozen=True)
class Send:
    """A turn of the user."""

    turn_id: str
    text: str
    conversation_id: str
    voice: str


@dataclass(frozen=True)
class Listen:
    """The wish to speak instead of typing."""

    language: str


@dataclass(frozen=True)
class Erase:
    """The wish to be forgotten."""


@dataclass(frozen=True)
class Ping:
    """A sign of life: API Gateway closes a connection that is idle for 10 minutes."""


def parse(body: str | None, *, binary: bool = False) -> Send | Listen | Erase | Ping:
    """What the client sent. Raises FrameError."""
    content = _content(body, binary)
    action = content.get("action")
    if action == "send":
        return _send(content)
    if action == "listen":
        return Listen(_matching(content.get("language"), _LANGUAGE, "language must be a code such as en-US"))
    if action == "erase":
        return Erase()
    if action == "ping":
        return Ping()
    raise FrameError("action must be send, listen, erase or ping", _turn_id(content))


def frame(
    kind: str, data: Any = "", *, turn_id: str | None = None, seq: int = 0, retry_after_ms: int | None = None
) -> bytes:
    """A frame for the client. ``turn_id`` is null, and ``seq`` 0, where it belongs to no turn.

    Raises ValueError for a kind that the protocol does not have.
    """
    if kind not in KINDS:
        raise ValueError(f"the protocol has no frame {kind}")
    content = {"v": 1, "turn_id": turn_id, "seq": seq, "type": kind, "data": data}
    if retry_after_ms is not None:
        content["retry_after_ms"] = retry_after_ms
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _content(body: str | None, binary: bool) -> dict[str, Any]:
    if binary:
        raise FrameError("a frame must be text, not binary")
    try:
        content = json.loads(body or "")
    except (ValueError, RecursionError):
        raise FrameError("a frame must be JSON") from None
    if not isinstance(content, dict):
        raise FrameError("a frame must be a JSON object")
    return content


def _send(content: dict[str, Any]) -> Send:
    turn_id = _matching(content.get("turn_id"), _ID, "turn_id must be 1 to 64 letters, digits, hyphens or underscores")
    conversation = content.get("conversation_id", "default")
    return Send(
        turn_id=turn_id,
        text=_text(content.get("text"), turn_id),
        conversation_id=_matching(
            conversation, _ID, "conversation_id must be 1 to 64 letters, digits, hyphens or underscores", turn_id
        ),
        voice=_matching(content["voice"], _LANGUAGE, "voice must be a language code such as en-US", turn_id)
        if content.get("voice") is not None
        else "",
    )


def _text(text: object, turn_id: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise FrameError("text must be a string that is not empty", turn_id)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise FrameError("text must be valid Unicode, without lone surrogates", turn_id) from None
    if size > MAX_TEXT_BYTES:
        raise FrameError(f"text has {size} bytes, and may have {MAX_TEXT_BYTES}; send less at once", turn_id)
    return text


def _matching(value: object, pattern: re.Pattern[str], message: str, turn_id: str | None = None) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FrameError(message, turn_id)
    return value


def _turn_id(content: dict[str, Any]) -> str | None:
    value = content.get("turn_id")
    return value if isinstance(value, str) and _ID.fullmatch(value) else None
