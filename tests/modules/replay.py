"""State as it would be after an apply, made from a plan, so that upgrades can be planned without AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Computed = Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]


def write_state(plan: Mapping[str, Any], computed: Computed, root: Path) -> None:
    """Writes terraform.tfstate for what ``plan`` would create.

    ``computed`` gives, by resource type, what only AWS knows: a function from the planned values to the further ones.
    Types that it leaves out are left out of the state, and planned as new; so are resources of which the plan does not
    tell what it asks for.
    """
    resources = []
    for module, resource in _resources(plan["planned_values"]["root_module"], ""):
        # Of some nothing is known before others exist, or not what they will be called.
        if resource["type"] not in computed or "values" not in resource:
            continue
        values = dict(resource["values"])
        try:
            values.update(computed[resource["type"]](values))
        except KeyError:
            continue
        # Unknown in a plan without tags, and an empty map after it.
        if "tags" in values:
            values.setdefault("tags_all", values["tags"] or {})
        instance = {
            "schema_version": resource["schema_version"],
            "attributes": values,
            # Without them, a plan that changes nothing else would mark them.
            "sensitive_attributes": list(_sensitive(resource["sensitive_values"])),
        }
        if "index" in resource:
            instance["index_key"] = resource["index"]
        resources.append(
            {
                **({"module": module} if module else {}),
                "mode": resource["mode"],
                "type": resource["type"],
                "name": resource["name"],
                "provider": f'provider["{resource["provider_name"]}"]',
                "instances": [instance],
            }
        )
    state = {
        "version": 4,
        "terraform_version": plan["terraform_version"],
        "serial": 1,
        "lineage": "replay",
        "outputs": {},
        "resources": resources,
    }
    (root / "terraform.tfstate").write_text(json.dumps(state))


def _resources(module: Mapping[str, Any], address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in module.get("resources", ()):
        yield address, resource
    for child in module.get("child_modules", ()):
        yield from _resources(child, child["address"])


def _sensitive(value: Any, *steps: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    """Paths of what a provider declares to be sensitive, in the form of a state file."""
    if value is True:
        yield list(steps)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _sensitive(inner, *steps, {"type": "get_attr", "value": name})
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _sensitive(inner, *steps, {"type": "index", "value": {"value": index, "type": "number"}})
