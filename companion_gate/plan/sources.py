"""From a plan's addresses back to the user's HCL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from aic_engine.graph import Resource
from companion_gate.hcl.documents import read_file
from companion_gate.hcl.locate import SourceLine, locate
from companion_gate.hcl.references import local_references, references
from companion_gate.terraform.workspace import Workspace

_INSTANCE_KEY = re.compile(r"\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\]")


class Sources:
    """The module folders of one planned workspace, as the user knows them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folders = _module_folders(workspace)

    def folder(self, module: str) -> Path | None:
        """The folder of ``module.a.module.b`` (the root is empty), instance keys ignored."""
        return self._folders.get(_INSTANCE_KEY.sub("", module).replace("module.", ""))

    def locals_of(self, module: str) -> Mapping[str, tuple[str, ...]] | None:
        """What the locals of a module refer to; plan JSON does not tell."""
        folder = self.folder(module)
        if folder == self._workspace.root:  # a generated root, whose override file is the gate's own
            return _locals_of_file(folder / "main.tf")
        return None if folder is None else _locals(folder)

    def line(self, resource: Resource, path: str) -> SourceLine | None:
        """The line that sets an attribute, or the nearest block around it."""
        folder = self.folder(resource.scope.address)
        return None if folder is None else locate(folder, resource.type, resource.name, path)


def _module_folders(workspace: Workspace) -> dict[str, Path]:
    manifest = workspace.root / ".terraform" / "modules" / "modules.json"
    folders = {"": workspace.original(workspace.root)}
    if manifest.is_file():
        for entry in json.loads(manifest.read_text(encoding="utf-8"))["Modules"]:
            folders[entry["Key"]] = workspace.original(workspace.root / entry["Dir"])
    return folders


def _locals_of_file(file: Path) -> Mapping[str, tuple[str, ...]]:
    blocks = [block for block in read_file(file).blocks if block.kind == "locals"]
    return {local.name: references(local.value.text) for block in blocks for local in block.attributes}


@lru_cache(maxsize=512)
def _locals(folder: Path) -> Mapping[str, tuple[str, ...]]:
    return local_references(folder)
