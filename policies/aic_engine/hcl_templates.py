"""Templates of HCL: text with ``${…}`` and ``%{…}``, quoted or in a heredoc."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_STOP = re.compile(r'\$\$\{|%%\{|\$\{|%\{|\\.|"|\n', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_DIRECTIVE = re.compile(r"~?\s*(if|for\s+[\w-]+(?:\s*,\s*[\w-]+)?\s+in|else|endif|endfor)\b")
_CLOSING = re.compile(r"\s*~?\}")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def template(
    text: str, at: int, inner: Callable[[int], tuple[T, int]], *, closing: str
) -> tuple[list[str | T | None], int | None]:
    """The parts of a template from ``at`` on, and the place behind ``closing`` (empty: the end).

    A part is raw text, what ``inner`` reads in ``${…}``, or None for a directive, whose expression follows it. The
    place is None where the template does not end.
    """
    parts: list[str | T | None] = []
    start = at
    while True:
        match = _STOP.search(text, at)
        if match is None:
            if text[start:]:
                parts.append(text[start:])
            return parts, None if closing else len(text)
        found, at = match.group(0), match.end()
        if found == '"' and closing:
            if text[start : match.start()]:
                parts.append(text[start : match.start()])
            return parts, at
        if found == "\n" and closing:
            return parts, None
        if found not in ("${", "%{"):
            at = match.end() if closing or found in ("$${", "%%{") else match.start() + 1
            continue
        if text[start : match.start()]:
            parts.append(text[start : match.start()])
        at = _sequence(text, at, found, parts, inner)
        start = at


def _sequence(
    text: str, at: int, opening: str, parts: list[str | T | None], inner: Callable[[int], tuple[T, int]]
) -> int:
    if opening == "%{" and (directive := _DIRECTIVE.match(text, at)):
        parts.append(None)
        at = directive.end()
        if directive.group(1) in ("else", "endif", "endfor"):
            return _closed(text, at)
        node, at = inner(at)
        parts.append(node)
        return _closed(text, at)
    node, at = inner(at + 1 if text.startswith("~", at) else at)
    parts.append(node)
    return _closed(text, at)


def _closed(text: str, at: int) -> int:
    closing = _CLOSING.match(text, at)
    return closing.end() if closing else len(text)


def unescaped(text: str, *, quoted: bool) -> str:
    """What a piece of raw template text stands for; backslashes are escapes in quoted templates only."""

    def replace(match: re.Match[str]) -> str:
        found, code = match.group(0), match.group(1)
        if code is None:
            return found[1:]
        if not quoted:
            return found
        return _SIMPLE.get(code) or (chr(int(code[1:], 16)) if len(code) > 1 else found)

    return _ESCAPE.sub(replace, text)


def dedented(text: str) -> str:
    """The text of a ``<<-`` heredoc without the indentation that all its lines share."""
    lines = text.split("\n")
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    shared = min(indents, default=0)
    return "\n".join(line[shared:] if line.strip() else line.lstrip(" \t") for line in lines)
