"""Which folders Terraform plans the same as a called module and as a root of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from companion_gate.errors import GateError
from companion_gate.fastlane.eligibility import Ineligible, needs_of
from companion_gate.hcl.documents import read_text
from companion_gate.hcl.syntax import Block, shown
from companion_gate.terraform.configuration import (
    declared_variables,
    is_configuration,
    module_blocks,
    module_closure,
)
from companion_gate.terraform.workspace import Workspace

# Terraform docs, "References to Named Values" and "Filesystem and Workspace Info": of a called module these lead to
# other folders than of a root, and so may what a template holds. What lies below the module's own folder is the same.
_OTHER_FOLDER = re.compile(r"\bpath\s*\.\s*(?:module|root|cwd)\b|\b(?:file\w*|templatefile|abspath)\s*\(")
_READ_HERE = re.compile(r'\bfile\w*\s*\(\s*"\$\{path\.module\}/[^"$%]*"')
_BACKENDS = frozenset({"backend", "cloud"})
_OF_ROOTS = frozenset({"provider", "import"})


def why_a_root(workspace: Workspace) -> str:
    """Why the folder must be planned as a root of its own, in one line; empty where a call of it plans the same."""
    try:
        functions = needs_of(workspace.root).functions
        for reason in _reasons(workspace, functions):
            return reason
    except Ineligible as error:
        return f"{shown(workspace.original(error.file))}:{error.line}: {error.why}"
    except GateError as error:
        return str(error)
    return ""


def why_not_these(workspace: Workspace, inputs: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """Why a folder that may be called must be a root with these inputs, in one line; empty where a call will do."""
    declared = declared_variables(workspace.root)
    required = {name for name, block in declared.items() if block.attribute("default") is None}
    try:
        json.dumps(dict(inputs), allow_nan=False)
    except (TypeError, ValueError) as error:
        return f"its inputs are no plain data: {error}"
    if unknown := sorted(set(inputs) - set(declared)):
        return f"it declares no variable {unknown[0]}"
    if missing := sorted(required - set(inputs)):
        return f"it is given no {missing[0]}"
    if given := sorted(name for name in set(declared) - set(inputs) if f"TF_VAR_{name}" in env):
        return f"the environment sets its variable {given[0]}"
    return ""


def _reasons(workspace: Workspace, functions: Collection[str]) -> Iterator[str]:
    for path in sorted(workspace.root.iterdir()):
        if path.name.removesuffix(".json") == "terraform.tfvars" or ".auto.tfvars" in path.name:
            yield f"{shown(workspace.original(path))} gives it inputs"
    blocks = module_blocks(workspace.root)
    if functions and not any(inner.kind == "required_providers" for block in blocks for inner in block.blocks):
        yield f"{shown(workspace.original(workspace.root))} may lack what names the provider of its functions"
    for block in blocks:
        if why := _of_a_root(block):
            yield f"{shown(workspace.original(block.file))}:{block.line}: {' '.join((block.kind, *block.labels))} {why}"
    for folder in module_closure(workspace.root):
        for file in sorted(path for path in folder.iterdir() if is_configuration(path.name)):
            if _OTHER_FOLDER.search(_READ_HERE.sub("", read_text(file))):
                yield f"{shown(workspace.original(file))} uses a path that a called module has not"


def _of_a_root(block: Block) -> str:
    """What makes the block mean something else in a called module."""
    if block.kind in _OF_ROOTS:
        return "is for roots"
    if block.kind == "terraform" and any(inner.kind in _BACKENDS for inner in block.blocks):
        return "chooses a backend"
    if block.kind in ("variable", "output") and block.attribute("ephemeral"):
        return "is ephemeral"
    return ""
