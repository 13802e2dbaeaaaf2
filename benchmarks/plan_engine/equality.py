"""Whether two plans of the same case are the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_SHOWN = 5


def comparable(plan: Mapping[str, Any]) -> dict[str, Any]:
    """All of a plan's JSON but the time at which it was made; relevant attributes, and the modules within a module, are
    sets that Terraform does not sort."""
    compared = {name: value for name, value in plan.items() if name != "timestamp"}
    attributes = compared.get("relevant_attributes", [])
    compared["relevant_attributes"] = sorted(json.dumps(each, sort_keys=True) for each in attributes)
    if "planned_values" in compared:
        root = compared["planned_values"].get("root_module", {})
        compared["planned_values"] = {**compared["planned_values"], "root_module": _in_order(root)}
    return compared


def _in_order(module: Mapping[str, Any]) -> dict[str, Any]:
    children = [_in_order(child) for child in module.get("child_modules", [])]
    ordered = sorted(children, key=lambda child: str(child["address"]))
    return {**module, "child_modules": ordered} if children else dict(module)


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Where the plans differ, as paths with both values; empty for plans that are the same."""
    return list(_differences(comparable(expected), comparable(found), ""))


def compared(names: Iterable[str], expected: Path, found: Mapping[str, Path]) -> dict[str, list[str]]:
    """What differs between the plans <name>.json of the folder `expected` and of those in `found`, by name: some lines,
    each beginning with what `found` calls the folder. Names without a difference are left out."""

    def plan(folder: Path, name: str) -> dict[str, Any]:
        made: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return made

    different: dict[str, list[str]] = {}
    for name in names:
        for title, folder in found.items():
            if lines := differences(plan(expected, name), plan(folder, name)):
                more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
                different.setdefault(name, []).extend(f"{title}: {line}" for line in lines[:_SHOWN] + more)
    return different


def _differences(expected: Any, found: Any, path: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys()):
            if name not in expected or name not in found:
                yield f"{path}/{name} is only in {'the expected' if name in expected else 'our'} plan"
            else:
                yield from _differences(expected[name], found[name], f"{path}/{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, pair in enumerate(zip(expected, found, strict=True)):
            yield from _differences(*pair, f"{path}/{number}")
    # In Python 1 equals true and 1.0, in JSON they differ.
    elif json.dumps(expected) != json.dumps(found):
        yield f"{path}: expected {json.dumps(expected)[:200]}, found {json.dumps(found)[:200]}"
