"""Whether other inputs of the same root could deploy a block that its plan has no instance of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.documents import Block, ModuleSource, read_module
from companion_gate.hcl.references import references
from companion_gate.hcl.syntax import Value
from companion_gate.terraform.configuration import attribute_value, local_source

_STEP = re.compile(r"\.(\w[\w-]*)")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_INSTANCE = re.compile(r"\[[^\]]*\]")
_SWITCHES = ("count", "for_each")


@dataclass(frozen=True)
class _Scope:
    """A module as one call makes it; the root has no call."""

    module: ModuleSource
    call: Block | None = None
    caller: _Scope | None = None


def inputs_behind(root: Path, address: str) -> tuple[str, ...]:
    """What from outside of the configuration decides how many instances a block of a root has, sorted.

    ``var.x`` of the root, ``terraform.workspace``, data sources, and attributes and outputs that are not followed.
    Empty: only changed HCL could change the number. Raises GateError where the way to the block cannot be read.
    """
    steps = _INSTANCE.sub("", address).split(".")
    scope = _Scope(read_module(root))
    found: set[str] = set()
    while steps[:1] == ["module"]:
        call = _only(scope, "module", steps[1])
        found |= set(_of_block(call, scope))
        source = local_source(call)
        if source is None:
            raise GateError(f"{call.file}:{call.line}: module {call.name} is not local; vendor it into the repository")
        scope = _Scope(read_module(call.file.parent / source), call, scope)
        steps = steps[2:]
    return tuple(sorted(found | set(_of_block(_only(scope, "resource", *steps[:2]), scope))))


def _only(scope: _Scope, *key: str) -> Block:
    blocks = scope.module.blocks(*key)
    if len(blocks) != 1:
        raise GateError(f"{scope.module.folder}: has {len(blocks)} blocks {' '.join(key)}, not one; name it once")
    return blocks[0]


def _of_block(block: Block, scope: _Scope) -> Iterator[str]:
    for name in _SWITCHES:
        value = attribute_value(block, name)
        if value is not None:
            yield from _behind(value.text, scope, block, frozenset())


def _behind(text: str, scope: _Scope, block: Block | None, followed: frozenset[str]) -> Iterator[str]:
    """``block`` is what the text stands in, whose ``each`` and ``count`` it means."""
    for reference in references(text):
        kind = reference.split(".", 1)[0]
        # An index leads to an element that is not followed further.
        steps = _STEP.findall(reference.split("[", 1)[0])
        if kind == "local" and reference not in followed:
            value = _local(scope, steps[0])
            yield from _behind(value.text, scope, None, followed | {reference}) if value else [reference]
        elif kind == "var":
            yield from _variable(reference, steps, scope, followed)
        elif kind in ("each", "count") and block is not None:
            yield from _of_block(block, scope)
        elif kind not in ("local", "path"):
            yield reference


def _variable(reference: str, steps: Sequence[str], scope: _Scope, followed: frozenset[str]) -> Iterator[str]:
    if scope.call is None or scope.caller is None:
        yield f"var.{steps[0]}"
        return
    argument = attribute_value(scope.call, steps[0])
    # Without an argument it is the default, which is a constant.
    if argument is not None:
        yield from _behind(_narrowed(argument, steps[1:]).text, scope.caller, scope.call, frozenset())


def _narrowed(value: Value, steps: Sequence[str]) -> Value:
    """The part of a written-out object that the steps lead to, as far as it is written out."""
    for step in steps:
        if not value.members or not all(_NAME.fullmatch(member.name) for member in value.members):
            break
        members = [member.value for member in value.members if member.name == step]
        # What an object literal leaves out is an optional() default: a constant.
        value = members[0] if members else Value("null", value.line, value.start, value.end)
    return value


def _local(scope: _Scope, name: str) -> Value | None:
    return next((local.value for local in scope.module.locals if local.name == name), None)
