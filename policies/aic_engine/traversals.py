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
