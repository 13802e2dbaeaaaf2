"""A planned root: its resources by address, its outputs, and what its own validations said."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.plan_graph import PlanResource, plan_graph, with_unknowns
from aic_engine.rule import Finding
from aic_engine.values import Known, Unknown, Value, dig, holds_unknown, parse_path
from companion_gate.hcl.locate import SourceLine
from companion_gate.plan.attribute import Attribute, UnknownAtPlan
from companion_gate.plan.sources import Sources
from companion_gate.terraform.plan import PlanRun


class ResourceView:
    """One planned resource instance; index it with an attribute path such as ``ttl[0].enabled``."""

    def __init__(self, plan: Plan, resource: PlanResource, change: Mapping[str, Any]) -> None:
        self._plan = plan
        self._resource = resource
        self.address = resource.address
        self.type = resource.type
        self.name = resource.name
        self.actions: tuple[str, ...] = tuple(change["change"]["actions"])
        self.replaced_because: tuple[str, ...] = tuple(
            ".".join(map(str, path)) for path in change["change"].get("replace_paths", [])
        )

    def __getitem__(self, path: str) -> Attribute:
        return Attribute(self, path)

    def __repr__(self) -> str:
        return f"<{self.address} ({', '.join(self.actions)})>"

    def planned(self, path: str) -> Value:
        return self._resource.planned(path)

    def is_sensitive(self, path: str) -> bool:
        return self._resource.is_sensitive(path)

    def references(self, path: str) -> tuple[str, ...]:
        """``address.attribute`` of everything the expression at ``path`` refers to."""
        resolution = self._plan.graph.references(self._resource, path)
        found = [f"{item.resource.address}.{item.attribute}".rstrip(".") for item in resolution.found]
        return (*found, *resolution.variables)

    def source(self, path: str = "") -> SourceLine | None:
        return self._plan.sources.line(self._resource, path)


@dataclass(frozen=True)
class Check:
    """What Terraform says of one variable's validations, a pre- or postcondition, or a check block."""

    address: str
    kind: str
    status: str
    messages: tuple[str, ...]


class Plan:
    """``plan["module.memory.aws_dynamodb_table.memory"]["ttl[0].enabled"] == True``."""

    def __init__(self, run: PlanRun) -> None:
        self.run = run
        self.sources = Sources(run.folders, run.root_text)
        self.graph: Graph = plan_graph(run.json, self.sources.locals_of, self.sources.behind(run.json))
        changes = {change["address"]: change for change in run.json.get("resource_changes", [])}
        self._resources = {
            resource.address: ResourceView(self, resource, changes[resource.address])
            for resource in self.graph.resources
            if isinstance(resource, PlanResource)
        }

    def __getitem__(self, address: str) -> ResourceView:
        if address in self._resources:
            return self._resources[address]
        close = difflib.get_close_matches(address, self._resources, 3, cutoff=0.5)
        hint = f"; close: {', '.join(close)}" if close else f"; it has {len(self._resources)} resources"
        raise KeyError(f"no {address} in the plan{hint}")

    def __iter__(self) -> Iterator[ResourceView]:
        return iter(self._resources.values())

    def __len__(self) -> int:
        return len(self._resources)

    def __contains__(self, address: str) -> bool:
        return address in self._resources

    def of_type(self, type_: str) -> tuple[ResourceView, ...]:
        """All instances of a type. An empty selection fails: ``all(…)`` over nothing would pass."""
        found = tuple(view for view in self if view.type == type_)
        if not found:
            types = ", ".join(sorted({view.type for view in self})) or "no resource at all"
            raise AssertionError(f"the plan has no {type_}; it has {types}")
        return found

    def resources(self, *types: str) -> tuple[Resource, ...]:
        """The graph's resources of some types, as rules take them; may be empty."""
        return self.graph.of_type(*types)

    def with_source(self, finding: Finding, resource: Resource) -> Finding:
        """The finding with the file and line that set the attribute it speaks of."""
        line = self.sources.line(resource, finding.path)
        return finding if line is None else replace(finding, file=str(line.file), line=line.line)

    def output(self, path: str) -> Any:
        """A root output or a part of it (``memory.table_name``). Raises :class:`UnknownAtPlan`, KeyError if missing."""
        name, _, rest = path.partition(".")
        change = self.run.json.get("output_changes", {}).get(name)
        if change is None:
            raise KeyError(f"the root has no output {name}")
        value = dig(with_unknowns(change.get("after"), change["after_unknown"]), parse_path(rest))
        if isinstance(value, Unknown) or (isinstance(value, Known) and holds_unknown(value.value)):
            raise UnknownAtPlan(f"output {path} is known only after apply")
        return value.value if isinstance(value, Known) else None

    @property
    def checks(self) -> tuple[Check, ...]:
        """Validations and conditions of the root and all modules, with their status: pass, fail, error or unknown."""
        return tuple(
            Check(
                address=instance["address"]["to_display"],
                kind=check["address"]["kind"],
                status=instance["status"],
                messages=tuple(problem["message"] for problem in instance.get("problems", [])),
            )
            for check in self.run.json.get("checks", [])
            for instance in check.get("instances", [])
        )
