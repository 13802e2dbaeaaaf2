"""What the model is asked: persona, what was said lately, what was said long ago and fits, and the new message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companion.turns import Memory

_NOTES = "Things that I told you in earlier conversations, for you to know, not to answer:"


@dataclass(frozen=True)
class Message:
    """Parts that one side says in a row."""

    role: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Prompt:
    """A question to a model. ``text`` is the user's new message alone."""

    persona: str
    messages: tuple[Message, ...]
    text: str


def compose(persona: str, recent: Sequence[Memory], recalled: Sequence[Memory], text: str) -> Prompt:
    """A prompt whose messages begin with the user and alternate, as models demand.

    Recalled words were the user's, so they stay in the user's message: in the persona they could give orders.
    """
    messages: list[Message] = []
    for memory in recent:
        if not messages and memory.role != "user":
            continue
        _append(messages, memory.role, memory.text)
    if recalled:
        _append(messages, "user", "\n".join([_NOTES, *(f"- {memory.text}" for memory in recalled)]))
    _append(messages, "user", text)
    return Prompt(persona, tuple(messages), text)


def _append(messages: list[Message], role: str, part: str) -> None:
    if messages and messages[-1].role == role:
        messages[-1] = Message(role, (*messages[-1].parts, part))
    else:
        messages.append(Message(role, (part,)))
