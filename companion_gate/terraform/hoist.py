"""One called module out of a plan's JSON, as if it had been planned as a root of its own.

The calling root hands each call its inputs in a variable that has the call's name, and names its outputs
`<call>_<output>`. The form of the JSON: Terraform docs, "JSON Output Format", 1.2, as of Terraform 1.9 to 1.15.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from companion_gate.errors import GateError

# The same for every call of a plan.
_SHARED = ("format_version", "terraform_version", "timestamp", "complete", "errored")
_HOISTED = (
    "applyable",
    "checks",
    "configuration",
    "output_changes",
    "planned_values",
    "prior_state",
    "relevant_attributes",
    "resource_changes",
    "resource_drift",
    "variables",
)
_ADDRESSES = ("address", "module_address", "previous_address")


def hoisted(plan: Mapping[str, Any], call: str) -> dict[str, Any]:
    """The plan of the module called `call`, without a trace of the other calls.

    The given plan is left as it is, and shares parts with the result. GateError for a plan with a part that is not
    known here.
    """
    if unknown := sorted(set(plan) - {*_SHARED, *_HOISTED}):
        raise GateError(f"a plan with {unknown[0]} cannot be taken apart; plan the case alone")
    module = plan["configuration"]["root_module"]["module_calls"][call]["module"]
    hoist = _Hoist(call)
    found: dict[str, Any] = {name: plan[name] for name in _SHARED if name in plan}
    found["planned_values"] = hoist.values(plan["planned_values"])
    for name in ("resource_changes", "resource_drift"):
        if changes := [hoist.addressed(change) for change in plan.get(name, []) if hoist.owns(change)]:
            found[name] = changes
    if outputs := hoist.outputs(plan.get("output_changes", {})):
        found["output_changes"] = outputs
    prior = plan.get("prior_state", {})
    known = hoist.values(prior.get("values", {}))
    # Terraform leaves the prior state out where it holds neither a resource nor an output.
    if "outputs" in known or known.get("root_module"):
        found["prior_state"] = {**prior, "values": known}
    if checks := [hoist.check(check) for check in plan.get("checks", []) if hoist.inside(_module(check))]:
        found["checks"] = checks
    if relevant := [hoist.relevant(each) for each in plan.get("relevant_attributes", []) if hoist.relates(each)]:
        found["relevant_attributes"] = relevant
    if variables := _variables(module, plan.get("variables", {}).get(call, {}).get("value") or {}):
        found["variables"] = variables
    found["configuration"] = {
        "provider_config": hoist.providers(plan["configuration"].get("provider_config", {})),
        "root_module": hoist.configured(module),
    }
    if "applyable" in plan:
        found["applyable"] = _changes_anything(found)
    return found


class _Hoist:
    """What belongs to one call, and how it is named without it."""

    def __init__(self, call: str) -> None:
        self._address = f"module.{call}"
        self._prefix = f"module.{call}."
        self._output = f"{call}_"

    def inside(self, module: str | None) -> bool:
        """Whether a module's address is the call's or below it."""
        return module is not None and (module == self._address or module.startswith(self._prefix))

    def owns(self, change: Mapping[str, Any]) -> bool:
        return self.inside(change.get("module_address"))

    def relates(self, attribute: Mapping[str, Any]) -> bool:
        return str(attribute["resource"]).startswith(self._prefix)

    def relevant(self, attribute: Mapping[str, Any]) -> dict[str, Any]:
        return {**attribute, "resource": attribute["resource"].removeprefix(self._prefix)}

    def addressed(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """A resource or change under its own address; what lies in the root has no module address."""
        named = {**item, **{name: item[name].removeprefix(self._prefix) for name in _ADDRESSES if name in item}}
        if named.get("module_address") == self._address:
            del named["module_address"]
        if "depends_on" in named:
            named["depends_on"] = [address.removeprefix(self._prefix) for address in named["depends_on"]]
        return named

    def outputs(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name.removeprefix(self._output): output for name, output in outputs.items() if name.startswith(self._output)
        }

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A "values representation": outputs and the tree of modules with their resources."""
        found: dict[str, Any] = {}
        if outputs := self.outputs(values.get("outputs", {})):
            found["outputs"] = outputs
        if "root_module" in values:
            children = values["root_module"].get("child_modules", [])
            none: Mapping[str, Any] = {}
            own = next((child for child in children if child["address"] == self._address), none)
            root = self._module(own)
            root.pop("address", None)
            if "child_modules" in root:
                # Terraform sorts the modules that its root calls, and no others.
                root["child_modules"].sort(key=lambda child: str(child["address"]))
            found["root_module"] = root
        return found

    def check(self, check: Mapping[str, Any]) -> dict[str, Any]:
        instances = [{**one, "address": self._displayed(one["address"])} for one in check.get("instances", [])]
        named = {**check, "address": self._displayed(check["address"])}
        return {**named, "instances": instances} if "instances" in check else named

    def providers(self, configs: Mapping[str, Any]) -> dict[str, Any]:
        """The root's configurations, which all calls share; of those in modules, the call's."""
        inside = {
            self._provider_key(name): self._provider(config)
            for name, config in configs.items()
            if self.inside(config.get("module_address"))
        }
        return {**inside, **{name: config for name, config in configs.items() if "module_address" not in config}}

    def configured(self, module: Mapping[str, Any]) -> dict[str, Any]:
        """A module's configuration, whose addresses are its own but for the provider configurations in modules."""
        named = dict(module)
        if "resources" in module:
            key = "provider_config_key"
            named["resources"] = [{**each, key: self._provider_key(each[key])} for each in module["resources"]]
        if "module_calls" in module:
            calls = module["module_calls"].items()
            named["module_calls"] = {name: {**call, "module": self.configured(call["module"])} for name, call in calls}
        return named

    def _provider_key(self, name: str) -> str:
        return name.removeprefix(f"{self._address}:").removeprefix(self._prefix)

    def _provider(self, config: Mapping[str, Any]) -> dict[str, Any]:
        named = {**config, "module_address": config["module_address"].removeprefix(self._prefix)}
        if named["module_address"] == self._address:
            del named["module_address"]
        return named

    def _module(self, module: Mapping[str, Any]) -> dict[str, Any]:
        named = self.addressed(module)
        for part, names in (("resources", self.addressed), ("child_modules", self._module)):
            if part in module:
                named[part] = [names(item) for item in module[part]]
        return named

    def _displayed(self, address: Mapping[str, Any]) -> dict[str, Any]:
        named = {**address, "to_display": address["to_display"].removeprefix(self._prefix)}
        if "module" in address:
            named["module"] = address["module"].removeprefix(self._prefix)
            if named["module"] == self._address:
                del named["module"]
        return named


def _module(check: Mapping[str, Any]) -> str | None:
    module: str | None = check["address"].get("module")
    return module


def _variables(module: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """As Terraform shows a root's variables: what was given, and the defaults of the others."""
    declared = module.get("variables", {}).items()
    defaults = {name: variable["default"] for name, variable in declared if "default" in variable}
    return {name: {"value": value} for name, value in {**defaults, **given}.items()}


def _changes_anything(plan: Mapping[str, Any]) -> bool:
    """As Terraform decides on "applyable": any action, or a move, of a resource or a root output."""
    resources: Iterable[Mapping[str, Any]] = plan.get("resource_changes", [])
    changes = [each["change"] for each in resources] + list(plan.get("output_changes", {}).values())
    moved = any("previous_address" in each for each in resources)
    return moved or any(change["actions"] != ["no-op"] for change in changes)
