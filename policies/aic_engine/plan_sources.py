"""What the HCL behind a plan tells of values that the plan does not know.

A policy document with one ARN in it is unknown to a plan as a whole; the expression that makes it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from aic_engine.graph import InstanceKey, Resource, Scope
from aic_engine.hcl_graph import HclScope, Parse, read_scope
from aic_engine.hcl_nodes import Body
from aic_engine.hcl_resource import HclResource
from aic_engine.values import Known, Unknown, Value

FolderOf = Callable[[str], Path | None]
"""From a module's address to its folder."""


class PlanSources:
    """The module folders of one plan; read when the first unknown value is asked for."""

    def __init__(
        self,
        plan: Mapping[str, Any],
        folder_of: FolderOf,
        parse: Parse,
        root_body: Callable[[], Body | None],
        workspace: str | None = None,
    ) -> None:
        """``root_body`` gives the HCL of a root that has no folder; ``workspace`` is the one that was planned."""
        self._workspace = workspace
        self._given = {name: each.get("value") for name, each in plan.get("variables", {}).items()}
        self._folder_of, self._parse, self._root_body = folder_of, parse, root_body
        self._root: Scope | None = None

    def attach(self, root: Scope) -> None:
        """Says which tree of the plan the sources belong to."""
        self._root = root

    def value(self, resource: Resource, path: str) -> Value:
        """The value by the HCL, with what the plan knows of variables and other resources."""
        found = self._scopes.get(resource.scope.address)
        block = self._block(resource)
        if found is None or block is None:
            return Unknown("its source is not at hand")
        return block.at(path, _instance(found, block.body, resource.key))

    def blocks(self, resource: Resource, name: str) -> int | Unknown:
        """How many nested blocks the HCL writes, where the plan does not know."""
        block = self._block(resource)
        return Unknown("known only after apply") if block is None else block.blocks(name)

    def expression(self, resource: Resource, path: str) -> tuple[str, ...] | None:
        """The traversals that the HCL writes at a path."""
        block = self._block(resource)
        return None if block is None else block.expression(path)

    def is_conditional(self, resource: Resource, path: str) -> bool:
        block = self._block(resource)
        return block is not None and block.is_conditional(path)

    def _block(self, resource: Resource) -> HclResource | None:
        found = self._scopes.get(resource.scope.address)
        blocks = found.resources.get(resource.block_address, []) if found else []
        return blocks[0] if len(blocks) == 1 and isinstance(blocks[0], HclResource) else None

    @cached_property
    def _scopes(self) -> dict[str, HclScope]:
        scopes: dict[str, HclScope] = {}
        if self._root is not None:
            self._add(self._root, None, None, scopes)
        return scopes

    def _add(self, scope: Scope, parent: HclScope | None, call: Body | None, into: dict[str, HclScope]) -> None:
        made = self._read(scope, parent, call)
        if made is None:
            return
        into[scope.address] = made
        for name, children in scope.children.items():
            body = made.calls.get(name)
            for child in children if body is not None else ():
                self._add(child, made, body, into)
                if child.address in into:
                    made.children.setdefault(name, []).append(into[child.address])

    def _read(self, scope: Scope, parent: HclScope | None, call: Body | None) -> HclScope | None:
        given = self._given if parent is None else {}
        folder = self._folder_of(scope.address)
        instance = None if parent is None or call is None else _instance(parent, call, scope.key)
        if folder is not None:
            return read_scope(
                folder,
                self._parse,
                scope.address,
                parent,
                call,
                key=scope.key,
                instance=instance,
                given=given,
                planned=self._planned,
                workspace=self._workspace,
            )
        body = None if parent is not None else self._root_body()
        return (
            None
            if body is None
            else HclScope({Path("main.tf"): body}, {}, given=given, planned=self._planned, workspace=self._workspace)
        )

    def _planned(self, module: str, type_: str, name: str, key: InstanceKey, path: str) -> Value | None:
        scope = next((each for each in self._root.walk() if each.address == module), None) if self._root else None
        instances = scope.resources.get(f"{type_}.{name}", []) if scope else []
        found = [instance for instance in instances if instance.key == key]
        return found[0].planned(path) if len(found) == 1 else None


def _instance(scope: HclScope, body: Body, key: InstanceKey) -> dict[str, Any]:
    """``each`` and ``count`` of the instance with a key."""
    if key is None:
        return {}
    if isinstance(key, int):
        return {"count.index": key}
    value = scope.value_for(body, node, {}, 0) if (node := body.node("for_each")) is not None else None
    found = (
        value.get(key, Unknown("it is not known"))
        if isinstance(value, dict)
        else key
        if isinstance(value, list)
        else None
    )
    return {"each.key": key, "each.value": Unknown("for_each is not known") if found is None else found}


def settled(value: Value, planned: Unknown) -> Value:
    """What counts where a plan does not know: the HCL's value, or what it tells of one."""
    if isinstance(value, Known):
        return value
    if isinstance(value, Unknown):
        return Unknown(
            planned.reason, planned.cure, value.origin, value.text, value.document, value.gaps, value.conditional
        )
    return planned
