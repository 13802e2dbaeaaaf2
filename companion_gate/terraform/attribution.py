"""Whose a diagnostic of a root of many cases is, and what it says where the case is planned alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from companion_gate.hcl.syntax import Block, parse
from companion_gate.terraform.configuration import module_blocks
from companion_gate.terraform.diagnostics import Diagnostic, declared_place
from companion_gate.terraform.redaction import Redaction
from companion_gate.terraform.workspace import Workspace

# With these summaries Terraform 1.9 to 1.15 reports a rule of a module, and an input that does not fit.
_RULES = frozenset(
    {
        "Invalid value for input variable",
        "Invalid value for variable",
        "Module output value precondition failed",
        "Resource postcondition failed",
        "Resource precondition failed",
    }
)


@dataclass(frozen=True)
class Member:
    """One case in the generated root `top`: the module call of that name, in the file that is called like it.

    `workspace` is the case's own folder in the root, and the paths of its diagnostics still lie in the root.
    """

    call: str
    top: Path
    workspace: Workspace
    inputs: Mapping[str, Any]

    @property
    def file(self) -> Path:
        """The file with the call."""
        return self.top / f"{self.call}.tf"

    @property
    def folder(self) -> Path:
        """All that Terraform reads of this case, and of no other, lies in it."""
        return self.top / self.call

    def caused(self, diagnostic: Diagnostic) -> bool:
        """Whether the diagnostic is surely of this case."""
        if diagnostic.file is not None:
            return diagnostic.file == self.file or diagnostic.file.is_relative_to(self.folder)
        return bool(diagnostic.address and diagnostic.address.startswith(f"module.{self.call}."))

    def alone(self, diagnostic: Diagnostic, env: Mapping[str, str]) -> Diagnostic:
        """The diagnostic as planning the case alone gives it, in terms of the user's files."""
        redact = Redaction(self.workspace.root, env, self.inputs)
        told = replace(
            diagnostic,
            summary=redact(self._named(diagnostic.summary)),
            detail=redact(self._named(diagnostic.detail)),
            address=diagnostic.address and self._named(diagnostic.address),
        )
        if told.file == self.file:
            file, line = self._declaration(told)
            return replace(told, file=file, line=line, snippet_context=None)
        return replace(told, file=told.file and self.workspace.original(told.file))

    def _named(self, text: str) -> str:
        """Addresses without the call, and paths relative to the case's folder."""
        root = self.workspace.root.relative_to(self.top)

        def relative(match: re.Match[str]) -> str:
            return os.path.relpath(match[0], root)

        return re.sub(rf"{self.call}/[^\s:,]*", relative, text.replace(f"module.{self.call}.", ""))

    def _declaration(self, told: Diagnostic) -> tuple[Path | None, int | None]:
        """Where the user wrote what a line of the generated file stands for: a rule, or an input or output."""
        if (place := declared_place(told.detail)) is not None:
            return self.workspace.original(self.workspace.root / place[0]), place[1]
        blocks = parse(self.file.read_text(encoding="utf-8"), self.file).blocks
        output = _at(told.line or 0, (block for block in blocks if block.kind == "output"))
        wanted = output.name.removeprefix(f"{self.call}_") if output else None
        for block in module_blocks(self.workspace.root):
            if block.kind == "output" and block.name == wanted:
                return self.workspace.original(block.file), block.line
        return None, None


def is_certain(diagnostic: Diagnostic) -> bool:
    """Whether the diagnostic is one that a call and a root of its own have in common: of a rule, or of a resource."""
    return diagnostic.summary in _RULES or diagnostic.address is not None


def _at(line: int, blocks: Iterable[Block]) -> Block | None:
    """The last block that begins at or before a line."""
    return max((block for block in blocks if block.line <= line), key=lambda block: block.line, default=None)
