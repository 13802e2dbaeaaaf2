"""The generated root that calls each of many cases as a module."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion_gate.hcl.documents import read_text
from companion_gate.terraform.attribution import Member
from companion_gate.terraform.configuration import module_blocks
from companion_gate.terraform.quiet import PROVIDER_FILE
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace

CALL = "companion_gate_case_"
"""What the names of all calls begin with, and of the folders that they call."""

_LOCK_FILE = ".terraform.lock.hcl"
_PROVIDER = 'provider "aws" {}\n'
# Only of a module that names the provider does a plan say that its modules use the root's.
_REQUIREMENTS = 'required_providers {\n  aws = {\n    source = "hashicorp/aws"\n  }\n}'


@dataclass(frozen=True)
class Head:
    """What the root of a case says beside the case: cases of one root must agree on it.

    Texts: a provider block, the case's own `required_providers` blocks, and its lock file.
    """

    provider: str
    requirements: str
    lock: str


def head_of(workspace: Workspace, provider: str) -> Head:
    """The head for a case in its workspace; `provider` is the provider block that it leaves to its caller."""
    lock = workspace.root / _LOCK_FILE
    required = [
        read_text(inner.file)[inner.start : inner.end]
        for block in module_blocks(workspace.root)
        for inner in block.blocks
        if block.kind == "terraform" and inner.kind == "required_providers"
    ]
    return Head(provider or _PROVIDER, "\n".join(required), read_text(lock) if lock.is_file() else "")


class BatchRoot:
    """A root in a new folder of the session. Cases are added once; each plan calls those that it is made for."""

    def __init__(self, head: Head, session: TerraformSession) -> None:
        self._root = session.new_folder() / "root"
        self._root.mkdir()
        self._requirements = head.requirements
        (self._root / "main.tf").write_text(_terraform(head.requirements) + head.provider, encoding="utf-8")
        if head.lock:
            (self._root / _LOCK_FILE).write_text(head.lock, encoding="utf-8")
        self._texts: dict[str, str] = {}

    def add(self, place: Callable[[Path], Workspace], inputs: Mapping[str, Any]) -> Member:
        """Put a case into the root. Raises GateError as `place` does."""
        call = f"{CALL}{len(self._texts)}"
        member = Member(call, self._root, place(self._root / call), inputs)
        self._texts[call] = _text(member)
        if not self._requirements:
            # The name is one that no file of a user has.
            (member.workspace.root / PROVIDER_FILE).write_text(_terraform(_REQUIREMENTS), encoding="utf-8")
        return member

    def calling(self, members: Collection[Member]) -> tuple[Workspace, dict[str, Any]]:
        """The root with calls of these members only, and the values of its variables."""
        called = {member.call for member in members}
        for call, text in self._texts.items():
            file = self._root / f"{call}.tf"
            if call in called:
                file.write_text(text, encoding="utf-8")
            else:
                file.unlink(missing_ok=True)
        # Paths stay those of the root: they tell whose a diagnostic is.
        return Workspace(self._root, self._root), {member.call: dict(member.inputs) for member in members}


def _terraform(blocks: str) -> str:
    return f"terraform {{\n{blocks}\n}}\n" if blocks else ""


def _text(member: Member) -> str:
    """The call, the variable with its inputs, and its outputs."""
    call = member.call
    source = member.workspace.root.relative_to(member.top).as_posix()
    arguments = "".join(f"  {name} = var.{call}.{name}\n" for name in member.inputs)
    text = f'module "{call}" {{\n  source = {_quoted("./" + source)}\n{arguments}}}\n'
    text += f'variable "{call}" {{\n  type = any\n}}\n'
    for block in module_blocks(member.workspace.root):
        if block.kind == "output":
            flag = block.attribute("sensitive")
            sensitive = f"  sensitive = {flag.value.text}\n" if flag else ""
            text += f'output "{call}_{block.name}" {{\n  value = module.{call}.{block.name}\n{sensitive}}}\n'
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
