"""What a model gives, whichever it is: pieces of an answer that the guardrail has let pass, or its refusal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A piece of the answer, checked."""

    text: str


@dataclass(frozen=True)
class Blocked:
    """The guardrail's message, which takes the place of the whole answer. Nothing follows it."""

    message: str


Piece = Text | Blocked
