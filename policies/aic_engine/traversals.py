"""Traversals such as ``module.a["x"].out``, split into their steps."""

from __future__ import annotations

import re
from dataclasses import dataclass

ANY = "*"
"""An index that is not a literal (``[each.key]``, ``[count.index]``, a splat)."""

_NAME = r"[A-Za-z_][\w-]*"
_INDEX = r"\[(?:\"[^\"]*\"|'[^']*'|[^\[\]\"']*(?:\[[^\[\]]*\])?[^\[\]\"']*)\]"
_PART = re.compile(rf"({_NAME}|\d+|\*)|({_INDEX})")


@dataclass(frozen=True, slots=True)
class Part:
    """One name of a traversal with the index behind it, if any: ``this["a"]`` -> ``Part("this", "a")``."""

    name: str
    index: str | int | None


@dataclass(frozen=True, slots=True)
class Traversal:
    """A parsed traversal; ``text`` is as it was written."""

    text: str
    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Traversal:
        parts: list[Part] = []
        for name, index in _PART.findall(text):
            if name:
                parts.append(Part(name, None))
            elif parts:
                parts[-1] = Part(parts[-1].name, _literal_index(index[1:-1].strip()))
        return cls(text, tuple(parts))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)


def _literal_index(text: str) -> str | int:
    if text.isdigit():
        return int(text)
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return ANY


def with_iteration(traversals: tuple[str, ...], iteration: tuple[str, ...]) -> tuple[str, ...]:
    """``each.value`` stands for an element of ``for_each``, so it refers to what that expression refers to."""
    return traversals + iterated(traversals, iteration)


def iterated(traversals: tuple[str, ...], iteration: tuple[str, ...]) -> tuple[str, ...]:
    """``each.value.name`` over ``aws_x.y`` takes ``aws_x.y.name``; a key is nothing of the element's own."""
    own = [text for text in longest(traversals) if text.startswith("each.")]
    behind = [text.removeprefix("each.value") if text.startswith("each.value") else ".key" for text in own]
    return tuple(dict.fromkeys(f"{text}{rest}" for text in longest(iteration) for rest in behind))


def takes_own_key(traversals: tuple[str, ...]) -> bool:
    """``x[each.key]`` is the instance with one's own key; ``x[each.value]`` may be any."""
    return (uses(traversals, "each.key") or uses(traversals, "count.index")) and not uses(traversals, "each.value")


def uses(traversals: tuple[str, ...], name: str) -> bool:
    """Whether a name, or something of it, is among the traversals."""
    return any(text == name or text.startswith((f"{name}.", f"{name}[")) for text in traversals)


def longest(traversals: tuple[str, ...]) -> tuple[str, ...]:
    """Plan JSON lists ``a.b.c`` and its prefix ``a.b``: the prefix says nothing more."""
    return tuple(
        text
        for text in traversals
        if not any(other != text and other.startswith((f"{text}.", f"{text}[")) for other in traversals)
    )
