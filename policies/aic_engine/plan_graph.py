"""The resource graph of a Terraform plan, from ``terraform show -json``.

Format: Terraform docs, "JSON Output Format". The plan holds values with the provider's defaults filled in, what is only
known after apply, what is sensitive, and for every argument the traversals that its expression refers to. It does not
hold locals: pass them in ``locals_of`` where the sources are at hand, otherwise a reference through a local is
unresolved and the rules that need it answer UNKNOWN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from aic_engine.graph import Graph, InstanceKey, Resource, Scope
from aic_engine.plan_sources import PlanSources, settled
from aic_engine.traversals import with_iteration
from aic_engine.values import ABSENT, Known, Step, Unknown, Value, dig, entry, parse_path

LocalsOf = Callable[[str], Mapping[str, tuple[str, ...]] | None]
"""From a module's path without instance keys (``module.a.module.b``, the root is ``""``) to its locals' traversals."""

_KEY = re.compile(r"\[(?:\"((?:[^\"\\]|\\.)*)\"|(\d+))\]")
_MODULE_STEP = re.compile(r"module\.([\w-]+)((?:\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?)")


class PlanError(Exception):
    """The document is not a complete Terraform plan in JSON."""


class PlanResource(Resource):
    """One managed resource instance as it will be after the plan."""

    def __init__(
        self, change: Mapping[str, Any], config: Mapping[str, Any], scope: Scope, sources: PlanSources | None
    ) -> None:
        super().__init__(change["type"], change["name"], scope, change.get("index"))
        self._sources = sources
        self._unknown = change["change"].get("after_unknown") or {}
        self._known = change["change"].get("after") or {}
        self._after = with_unknowns(self._known, self._unknown)
        self._sensitive = change["change"].get("after_sensitive") or {}
        self._expressions = config.get("expressions", {})
        self._for_each = _references(config.get("for_each_expression", {}))

    expands = True

    @property
    def iteration(self) -> tuple[str, ...]:
        return self._for_each

    def is_unknown(self, path: str) -> bool:
        """True where the value is only known after apply, set in the configuration or not."""
        return _marked(self._unknown, parse_path(path))

    def is_sensitive(self, path: str) -> bool:
        return _marked(self._sensitive, parse_path(path), within=True)

    def get(self, path: str) -> Value:
        """The planned value. What the provider computes because the configuration does not set it is absent."""
        steps = parse_path(path)
        if not _marked(self._unknown, steps):
            return dig(self._after, steps)
        if not self._is_configured(steps):
            return ABSENT
        unknown = Unknown("known only after apply", "give it a value that is known when Terraform plans")
        return settled(self._sources.value(self, path), unknown) if self._sources else unknown

    def _is_configured(self, steps: tuple[Step, ...]) -> bool:
        """True where the configuration sets the argument, or may set it: ``dynamic`` blocks have no expressions."""
        written = self._expressions.get(steps[0])
        if written is None:
            return bool(self._known.get(steps[0]))
        if isinstance(written, list) and len(steps) > 1 and isinstance(steps[1], int) and steps[1] >= len(written):
            return True
        node: Any = written
        for step in steps[1:]:
            if isinstance(node, dict) and ("references" in node or "constant_value" in node):
                return True
            node = entry(node, step, None)
        return node is not None

    def planned(self, path: str) -> Value:
        """The planned value as Terraform shows it: what the provider computes is unknown, not absent."""
        steps = parse_path(path)
        if _marked(self._unknown, steps):
            return Unknown("known only after apply", "assert on its references, or on the value after an apply")
        return dig(self._after, steps)

    def blocks(self, name: str) -> int | Unknown:
        steps = parse_path(name)
        if _marked(self._unknown, steps):
            return self._sources.blocks(self, name) if self._sources else Unknown("known only after apply")
        found = dig(self._after, steps)
        if isinstance(found, Unknown):
            return found
        if isinstance(found, Known) and isinstance(found.value, dict):
            return 1
        return len(found.value) if isinstance(found, Known) and isinstance(found.value, list) else 0

    def expression(self, path: str) -> tuple[str, ...] | None:
        node: Any = self._expressions
        for step in parse_path(path):
            if isinstance(node, dict) and ("references" in node or "constant_value" in node):
                break
            node = entry(node, step, None)
            if node is None:
                # Plan JSON leaves lifecycle out.
                return self._sources.expression(self, path) if self._sources and path.startswith("lifecycle") else None
        return _references(node)

    def is_conditional(self, path: str) -> bool:
        return self._sources is not None and self._sources.is_conditional(self, path)

    def is_constant(self, path: str) -> bool:
        """True where the configuration holds a literal there."""
        node: Any = self._expressions
        for step in parse_path(path):
            node = entry(node, step, None)
        return isinstance(node, dict) and "constant_value" in node


def plan_graph(
    plan: Mapping[str, Any], locals_of: LocalsOf = lambda _: None, sources: PlanSources | None = None
) -> Graph:
    """The graph of a plan document; raises :class:`PlanError` where it is none, or one that is not finished.

    With ``sources``, what the plan does not know is read from the HCL as far as that is certain.
    """
    if "resource_changes" not in plan or "configuration" not in plan:
        if "configuration" in plan and "planned_values" in plan and not _holds_resources(plan["planned_values"]):
            return Graph([_scope("", None, plan["configuration"].get("root_module", {}), {}, locals_of, {})])
        raise PlanError("this is no Terraform plan in JSON; make it with: terraform show -json PLANFILE")
    if plan.get("errored"):
        raise PlanError("Terraform stopped with an error while it made this plan; the plan is incomplete")
    if plan.get("complete") is False:
        raise PlanError("this plan leaves resources out; plan without -target, and without deferred changes")
    changes: dict[str, list[Mapping[str, Any]]] = {}
    for change in plan["resource_changes"]:
        remains = change["change"].get("after") is not None and "deposed" not in change
        if change["mode"] == "managed" and remains:
            changes.setdefault(change.get("module_address", ""), []).append(change)
    instances = _module_instances(plan, changes)
    root = _scope("", None, plan["configuration"]["root_module"], changes, locals_of, instances, sources=sources)
    if sources is not None:
        sources.attach(root)
    return Graph([root])


def _holds_resources(values: Mapping[str, Any]) -> bool:
    module = values.get("root_module", values)
    return bool(module.get("resources")) or any(map(_holds_resources, module.get("child_modules", [])))


def _module_instances(
    plan: Mapping[str, Any], changes: Mapping[str, list[Mapping[str, Any]]]
) -> dict[tuple[str, str], list[tuple[str, InstanceKey]]]:
    """(parent address, call name) -> the (address, key) of every instance that the plan has."""
    addresses = set(changes)
    pending = [plan.get("planned_values", {}).get("root_module", {})]
    while pending:
        for child in pending.pop().get("child_modules", []):
            addresses.add(child["address"])
            pending.append(child)
    found: dict[tuple[str, str], list[tuple[str, InstanceKey]]] = {}
    for address in sorted(addresses):
        parent = ""
        for match in _MODULE_STEP.finditer(address):
            here = f"{parent}.{match.group(0)}".lstrip(".")
            entry = (here, _instance_key(match.group(2)))
            known = found.setdefault((parent, match.group(1)), [])
            if entry not in known:
                known.append(entry)
            parent = here
    return found


def _instance_key(text: str) -> InstanceKey:
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    return int(match.group(2)) if match.group(2) else match.group(1)


def _scope(
    address: str,
    parent: Scope | None,
    config: Mapping[str, Any],
    changes: Mapping[str, list[Mapping[str, Any]]],
    locals_of: LocalsOf,
    instances: Mapping[tuple[str, str], list[tuple[str, InstanceKey]]],
    call: Mapping[str, Any] | None = None,
    key: InstanceKey = None,
    sources: PlanSources | None = None,
) -> Scope:
    scope = Scope(address=address, parent=parent, key=key, locals=locals_of(_KEY.sub("", address)))
    if call is not None:
        iteration = _references(call.get("for_each_expression", {}))
        scope.arguments = {
            name: with_iteration(_references(expression), iteration)
            for name, expression in call.get("expressions", {}).items()
        }
    scope.outputs = {name: _references(out.get("expression", {})) for name, out in config.get("outputs", {}).items()}
    blocks = {f"{block['type']}.{block['name']}": block for block in config.get("resources", [])}
    scope.resources = {name: [] for name, block in blocks.items() if block["mode"] == "managed"}
    for change in changes.get(address, []):
        name = f"{change['type']}.{change['name']}"
        scope.resources.setdefault(name, []).append(PlanResource(change, blocks.get(name, {}), scope, sources))
    for name, child in config.get("module_calls", {}).items():
        scope.children[name] = [
            _scope(at, scope, child.get("module", {}), changes, locals_of, instances, child, child_key, sources)
            for at, child_key in instances.get((address, name), [(f"{address}.module.{name}".lstrip("."), None)])
        ]
    return scope


def _references(node: Any) -> tuple[str, ...]:
    """All traversals at or below a node of the configuration's expressions."""
    found: dict[str, None] = {}
    if isinstance(node, list):
        for item in node:
            found.update(dict.fromkeys(_references(item)))
    elif isinstance(node, dict):
        if isinstance(node.get("references"), list):
            found.update(dict.fromkeys(node["references"]))
        elif "constant_value" not in node:
            for item in node.values():
                found.update(dict.fromkeys(_references(item)))
    return tuple(found)


def with_unknowns(after: Any, marks: Any) -> Any:
    """The planned value with :class:`Unknown` where Terraform leaves out what it does not know yet."""
    if not marks:
        return after
    if marks is True:
        return Unknown("known only after apply", "give it a value that is known when Terraform plans")
    if isinstance(marks, dict):
        known = after if isinstance(after, dict) else {}
        added = {name: with_unknowns(known.get(name), mark) for name, mark in marks.items() if mark}
        return {**known, **added}
    if isinstance(marks, list):
        length = max(len(after) if isinstance(after, list) else 0, len(marks))
        return [with_unknowns(entry(after, at, None), entry(marks, at, False)) for at in range(length)]
    return after


def _marked(marks: Any, steps: tuple[Step, ...], *, within: bool = False) -> bool:
    """True where ``after_unknown`` or ``after_sensitive`` marks the place, what holds it, or (``within``) a part."""
    for step in steps:
        if marks is True:
            return True
        marks = entry(marks, step, False)
    return marks is True or (within and _marks_anything(marks))


def _marks_anything(marks: Any) -> bool:
    parts = marks.values() if isinstance(marks, dict) else marks if isinstance(marks, list) else ()
    return marks is True or any(_marks_anything(part) for part in parts)
