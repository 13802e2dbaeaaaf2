"""From a plan's addresses back to the user's HCL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aic_engine.checkov_graph import HclParser
from aic_engine.graph import Resource
from aic_engine.hcl_nodes import Body
from aic_engine.hcl_parser import parse_body
from aic_engine.plan_sources import PlanSources
from companion_gate.hcl.locate import SourceLine, locate
from companion_gate.hcl.references import local_references, references
from companion_gate.hcl.syntax import parse

_INSTANCE_KEY = re.compile(r"\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\]")


class Sources:
    """The module folders of one plan, as the user knows them; see PlanRun for `folders` and `root_text`."""

    def __init__(self, folders: Mapping[str, Path], root_text: str = "") -> None:
        self._folders = folders
        self._root_text = root_text

    def folder(self, module: str) -> Path | None:
        """The folder of ``module.a.module.b`` (the root is empty), instance keys ignored."""
        return self._folders.get(_INSTANCE_KEY.sub("", module).replace("module.", ""))

    def locals_of(self, module: str) -> Mapping[str, tuple[str, ...]] | None:
        """What the locals of a module refer to; plan JSON does not tell."""
        if (folder := self.folder(module)) is not None:
            return _locals(folder)
        return None if module else _locals_of_text(self._root_text)

    def behind(self, plan: Mapping[str, Any]) -> PlanSources:
        """The sources as policies read them, for values that the plan does not know."""
        # Every plan is made in a data folder of its own, and so in Terraform's default workspace.
        return PlanSources(plan, self.folder, HclParser(), self._root_body, workspace="default")

    def _root_body(self) -> Body | None:
        return parse_body(self._root_text) if self._root_text else None

    def line(self, resource: Resource, path: str) -> SourceLine | None:
        """The line that sets an attribute, or the nearest block around it."""
        folder = self.folder(resource.scope.address)
        return None if folder is None else locate(folder, resource.type, resource.name, path)


def _locals_of_text(text: str) -> Mapping[str, tuple[str, ...]]:
    blocks = [block for block in parse(text).blocks if block.kind == "locals"]
    return {local.name: references(local.value.text) for block in blocks for local in block.attributes}


@lru_cache(maxsize=512)
def _locals(folder: Path) -> Mapping[str, tuple[str, ...]]:
    return local_references(folder)
