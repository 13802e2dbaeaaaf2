"""Traversals such as ``module.a["x"].out``: reading them out of text, and splitting them into steps."""

from __future__ import annotations

import re
from dataclasses import dataclass

ANY = "*"
"""An index that is not a literal (``[each.key]``, ``[count.index]``, a splat)."""

_NAME = r"[A-Za-z_][\w-]*"
_INDEX = r"\[(?:\"[^\"]*\"|'[^']*'|[^\[\]\"']*(?:\[[^\[\]]*\])?[^\[\]\"']*)\]"
_TRAVERSAL = re.compile(rf"(?<![\w.\"']){_NAME}(?:\s*{_INDEX})*(?:\.(?:{_NAME}|\d+|\*)(?:{_INDEX})*)+")
_PART = re.compile(rf"({_NAME}|\d+|\*)|({_INDEX})")
_QUOTES = "\"'"
_TEMPLATE = re.compile(r"\$\$\{|%%\{|[$%]\{")
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
    code, parts, at = "", [], 0
    while at < len(expression):
        if expression[at] not in _QUOTES:
            code += expression[at]
            at += 1
            continue
        end = _end_of_string(expression, at)
        literal = expression[at:end]
        templates = _templates(literal)
        parts.extend(templates)
        code += literal if code.endswith("[") and not templates else '""'
        at = end
    return [*parts, code]


def _templates(text: str) -> list[str]:
    """The code of every ``${…}`` and ``%{…}`` in ``text``; ``$${`` and ``%%{`` are plain text."""
    found: list[str] = []
    at = 0
    while match := _TEMPLATE.search(text, at):
        at = match.end()
        if len(match.group(0)) == len("${"):
            end = _end_of_code(text, at)
            found.extend(_code_of(text[at : end - 1]))
            at = end
    return found


def _end_of_code(text: str, at: int) -> int:
    """The place behind the ``}`` that closes the template whose code begins at ``at``."""
    depth = 1
    while at < len(text) and depth:
        if text[at] in _QUOTES:
            at = _end_of_string(text, at)
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at


def _end_of_string(text: str, at: int) -> int:
    """The place behind the string literal that begins at ``at``; templates in it may hold quotes themselves."""
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        template = _TEMPLATE.match(text, at)
        if text[at] == "\\":
            at += 2
        elif template is None:
            at += 1
        else:
            escaped = len(template.group(0)) > len("${")
            at = template.end() if escaped else _end_of_code(text, template.end())
    return at + 1


def template_references(text: str) -> tuple[str, ...]:
    """Traversals in a string value as Checkov's parser gives it: only what stands inside ``${…}`` counts."""
    found: list[str] = []
    for code in _templates(text):
        found.extend(item for item in references_in(code) if item not in found)
    return tuple(found)
