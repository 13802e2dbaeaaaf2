"""Whether a root is one that the fast lane plans as Terraform would, and what of the provider it uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_text
from companion_gate.hcl.syntax import Attribute, Block
from companion_gate.terraform.configuration import (
    is_configuration,
    literal,
    local_source,
    module_blocks,
    module_closure,
)
from companion_gate.terraform.providers import REGISTRY_HOST

_AWS_SOURCES = frozenset({"hashicorp/aws", f"{REGISTRY_HOST}/hashicorp/aws"})
_BUILTIN_SOURCES = frozenset({"terraform.io/builtin/terraform"})
# Terraform's own types, which need no provider process.
_BUILTIN_TYPES = frozenset({"terraform_data", "terraform_remote_state"})
_PLAIN_BLOCKS = frozenset({"variable", "locals", "output", "moved", "removed", "import"})
_TYPED_BLOCKS = frozenset({"resource", "data", "ephemeral"})
_FUNCTION = re.compile(r"\bprovider\s*::\s*(\w+)\s*::\s*(\w+)")
_STATE = "terraform.tfstate"


@dataclass(frozen=True)
class Needs:
    """What a root uses of hashicorp/aws: types of resources and data sources, functions, and version constraints."""

    types: frozenset[str]
    functions: frozenset[str]
    constraints: tuple[str, ...]


class Ineligible(GateError):  # noqa: N818  # a decision, not a fault
    """Why a root must be planned by plain Terraform: `file` and `line` (from 1) say where, `why` says what."""

    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(f"{file}:{line}: {why}")
        self.file, self.line, self.why = file, line, why


def needs_of(root: Path) -> Needs:
    """What the module closure of a root uses; Ineligible or another GateError where the lane is not made for it."""
    if (root / _STATE).exists():
        raise Ineligible(root / _STATE, 1, "a state may hold types that the configuration does not name")
    types: set[str] = set()
    functions: set[str] = set()
    constraints: set[str] = set()
    closure = module_closure(root)
    for folder in closure:
        # An override file repeats what it changes, so the other files give the better message.
        for block in sorted(module_blocks(folder), key=lambda each: each.file.name.endswith("override.tf")):
            types.update(_types(block))
            constraints.update(_constraints(block))
            _check_provider(block, is_root=folder == closure[0])
        functions.update(_functions(folder))
    if not types and not functions:
        raise GateError("nothing of hashicorp/aws is used, so plain Terraform is as fast")
    return Needs(frozenset(types), frozenset(functions), tuple(sorted(constraints)))


def _types(block: Block) -> Iterator[str]:
    """The provider's types in a top-level block; Ineligible for a block that the lane does not know."""
    if block.kind in _TYPED_BLOCKS:
        if block.attribute("provider"):
            raise _refused(block, "chooses its provider configuration")
        if block.type.startswith("aws_"):
            yield block.type
        elif block.type not in _BUILTIN_TYPES:
            raise _refused(block, f"has the type {block.type}, which is not of hashicorp/aws")
    elif block.kind == "check":
        for inner in block.blocks:
            if inner.kind == "data":
                yield from _types(inner)
    elif block.kind == "module":
        if local_source(block) is None:
            raise _refused(block, "does not call a module by a local path")
        if block.attribute("providers"):
            raise _refused(block, "is handed its provider configurations")
    elif block.kind == "import" and block.attribute("provider"):
        raise _refused(block, "chooses its provider configuration")
    elif block.kind not in _PLAIN_BLOCKS | {"terraform", "provider"}:
        raise _refused(block, "is of a kind that the fast lane does not know")


def _check_provider(block: Block, *, is_root: bool) -> None:
    if block.kind != "provider":
        return
    if block.type not in ("aws", "terraform"):
        raise _refused(block, "configures another provider than aws")
    if block.attribute("alias"):
        raise _refused(block, "has an alias, so there are two provider configurations")
    if not is_root:
        raise _refused(block, "stands in a called module")


def _constraints(block: Block) -> Iterator[str]:
    """Version constraints on hashicorp/aws; Ineligible for another provider."""
    if block.kind == "provider" and block.attribute("version"):
        raise _refused(block, "constrains the provider's version, which belongs into required_providers")
    if block.kind != "terraform":
        return
    for setting in block.attributes:
        if setting.name != "required_version":
            raise _refused(block, f"sets {setting.name}")
    for inner in block.blocks:
        if inner.kind == "required_providers":
            for entry in inner.attributes:
                yield from _constraint(entry)
        elif inner.kind != "backend":
            raise _refused(inner, "is of a kind that the fast lane does not know")


def _constraint(entry: Attribute) -> Iterator[str]:

    def refused(why: str) -> Ineligible:
        return Ineligible(entry.file, entry.line, f"required_providers entry {entry.name} {why}")

    def text(name: str) -> str | None:
        if name not in members:
            return None
        if (plain := literal(members[name].value)) is None:
            raise refused(f"gives its {name} not as a plain string")
        return plain

    members = {member.name: member for member in entry.value.members}
    if not members:
        # The old form, `aws = "~> 5.0"`.
        constraint, source = literal(entry.value), None
        if constraint is None:
            raise refused("cannot be read")
    else:
        if unknown := sorted(set(members) - {"source", "version"}):
            raise refused(f"sets {unknown[0]}")
        source, constraint = text("source"), text("version")
    if entry.name == "terraform" and source in _BUILTIN_SOURCES:
        return
    if entry.name != "aws" or (source is not None and source.lower() not in _AWS_SOURCES):
        raise refused("is not hashicorp/aws under the name aws")
    if constraint is not None:
        yield constraint


def _functions(folder: Path) -> Iterable[str]:
    """Provider functions called anywhere in a module, by their names in the provider."""
    for name in sorted(path.name for path in folder.iterdir() if is_configuration(path.name)):
        text = read_text(folder / name)
        for call in _FUNCTION.finditer(text):
            if call[1] == "aws":
                yield call[2]
            elif call[1] != "terraform":
                line = text.count("\n", 0, call.start()) + 1
                raise Ineligible(folder / name, line, f"calls a function of the provider {call[1]}")


def _refused(block: Block, why: str) -> Ineligible:
    return Ineligible(block.file, block.line, f"{' '.join((block.kind, *block.labels))} {why}")
