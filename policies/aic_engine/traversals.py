"""Traversals such as ``module.a["x"].out``: reading them out of text, and splitting them into steps."""

from __future__ import annotations

import re
from dataclasses import dataclass

ANY = "*"
"""An index that is not a literal (``[each.key]``, ``[count.index]``, a splat)."""

_NAME = r"[A-Za-z_][\w-]*"
_INDEX = r"\[(?:\"[^\"]*\"|'[^']*'|[^\[\]\"']*(?:\[[^\[\]]*\])?[^\[\]\"']*)\]"
_TRAVERSAL = re.compile(rf"(?<![\w.\"'-]){_NAME}(?:\s*{_INDEX})*(?:\.(?:{_NAME}|\d+|\*)(?:{_INDEX})*)+")
_PART = re.compile(rf"({_NAME}|\d+|\*)|({_INDEX})")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'")
_LOCAL_TO_TERRAFORM = ("path.", "terraform.", "count.", "self.")


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


def references_in(expression: str) -> tuple[str, ...]:
    """Traversals in an expression, as written; text in string literals counts only inside ``${…}``.

    ``expression`` is what Checkov's parser gives: the source between ``${`` and ``}``, with nested templates still
    marked by ``${…}``.
    """
    found: list[str] = []
    for code in _code_of(expression):
        for match in _TRAVERSAL.finditer(code):
            text = match.group(0)
            if not text.startswith(_LOCAL_TO_TERRAFORM) and text not in found:
                found.append(text)
            for index in re.findall(r"\[([^\]\"']+)\]", text):
                found.extend(item for item in references_in(index) if item not in found)
    return tuple(found)


def _code_of(expression: str) -> list[str]:
    """The expression without its string literals, and the code inside their ``${…}``, each on its own."""
    parts: list[str] = []

    def blank(match: re.Match[str]) -> str:
        literal = match.group(0)
        parts.extend(_templates(literal))
        is_index = match.start() > 0 and expression[match.start() - 1] == "["
        return literal if is_index and "${" not in literal else '""'

    parts.append(_STRING.sub(blank, expression))
    return parts


def _templates(text: str) -> list[str]:
    """The code of every ``${…}`` in ``text``, with nested braces kept whole."""
    found: list[str] = []
    at = text.find("${")
    while at >= 0:
        depth, end = 1, at + 2
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        inner = text[at + 2 : end - 1]
        found.extend(_code_of(inner))
        at = text.find("${", end)
    return found


def template_references(text: str) -> tuple[str, ...]:
    """Traversals in a string value as Checkov's parser gives it: only what stands inside ``${…}`` counts."""
    found: list[str] = []
    for code in _templates(text):
        found.extend(item for item in references_in(code) if item not in found)
    return tuple(found)
