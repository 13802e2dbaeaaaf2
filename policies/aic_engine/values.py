"""Three-valued attributes: known, unknown (with the reason), absent.

Terraform's ``null`` and an argument that is not written are both *absent*: the provider or the service then decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """A value that this front end is sure of."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that exists but cannot be read here.

    ``reason`` says why, ``cure`` what would make it known; both are shown to people. ``origin`` is set where the value
    is, for certain, one attribute of one resource: the module scope and the traversal there. Of a text with unknown
    parts, ``text`` holds what is known, with :data:`GAP` in their place, and ``gaps`` what stands there; of JSON,
    or of a list in an unknown order, ``document`` holds the data. ``conditional`` is set where a condition that is not
    known chooses it.
    """

    reason: str
    cure: str = "decide it on the plan"
    origin: tuple[Any, str] | None = field(default=None, compare=False, repr=False)
    text: str | None = field(default=None, compare=False, repr=False)
    document: Any = field(default=None, compare=False, repr=False)
    gaps: tuple[Unknown, ...] = field(default=(), compare=False, repr=False)
    conditional: bool = field(default=False, compare=False, repr=False)


GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for the unknown parts of a text."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The argument is not set in the configuration."""


ABSENT = Absent()
Value = Known | Unknown | Absent
Step = str | int

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


@lru_cache(maxsize=4096)
def parse_path(path: str) -> tuple[Step, ...]:
    """``ttl[0].enabled`` -> ``("ttl", 0, "enabled")``: plan JSON's own way to write a nested block."""
    return tuple(name if name else int(index) for name, index in _STEP.findall(path))


def entry(tree: Any, step: Step, missing: Any) -> Any:
    """The entry ``step`` of a dict or list, or ``missing``."""
    if isinstance(tree, dict):
        # A block that can only be there once is an object in a plan; in HCL it is the first of its name.
        return tree if step == 0 else tree.get(step, missing)
    if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
        return tree[step]
    return missing


def dig(tree: Any, steps: Sequence[Step]) -> Value:
    """Follow ``steps`` into plain Python data that may hold :class:`Unknown` in place of a value."""
    for step in steps:
        if isinstance(tree, Unknown):
            return tree
        tree = entry(tree, step, None)
    if isinstance(tree, Unknown):
        return tree
    return ABSENT if tree is None else Known(tree)


def holds_unknown(tree: Any) -> bool:
    """True where a value is, or holds somewhere in it, what is unknown."""
    if isinstance(tree, dict):
        return any(holds_unknown(item) for item in tree.values())
    if isinstance(tree, list):
        return any(holds_unknown(item) for item in tree)
    return isinstance(tree, Unknown)


def as_bool(value: Value) -> bool | None:
    """The boolean that Terraform would convert the value to, or ``None`` where it is no boolean."""
    if not isinstance(value, Known):
        return None
    if isinstance(value.value, bool):
        return value.value
    return {"true": True, "false": False}.get(value.value) if isinstance(value.value, str) else None


def as_number(value: Value) -> float | None:
    """The number that Terraform would convert the value to, or ``None`` where it is no number."""
    if not isinstance(value, Known) or isinstance(value.value, bool):
        return None
    if isinstance(value.value, str) and not _NUMBER.fullmatch(value.value):
        return None
    return float(value.value) if isinstance(value.value, str | int | float) else None


def known_text(value: Value) -> str:
    """What is known of a text, with :data:`GAP` for the rest; empty where nothing is."""
    return str(value.value) if isinstance(value, Known) else value.text or "" if isinstance(value, Unknown) else ""


def show(value: Value) -> str:
    """How a value is written in a finding."""
    if isinstance(value, Absent):
        return "not set"
    if isinstance(value, Unknown):
        return f"unknown ({value.reason})"
    return json.dumps(value.value, default=lambda unread: show(unread) if isinstance(unread, Unknown) else str(unread))
