"""Plans kept from run to run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from companion_gate.cache.inputs import Closure, NotKept, PlanInputs, closure_of, identity
from companion_gate.cache.store import ContentCache
from companion_gate.errors import GateError
from companion_gate.terraform.diagnostics import Diagnostic
from companion_gate.terraform.plan import PlanRun
from companion_gate.terraform.providers import MIRROR


class PlanCache:
    """The plans of one kind of surroundings (see `inputs.surroundings`) in a store."""

    def __init__(self, store: ContentCache, surroundings: Mapping[str, str]) -> None:
        self._store = store
        self._surroundings = surroundings

    def get(self, inputs: PlanInputs) -> PlanRun | None:
        """The plan that was made of the same content, or None."""
        try:
            kept = self._store.get(self._key(inputs))
        except (NotKept, GateError):
            return None  # making the plan says what is wrong
        return _restored(json.loads(kept)) if kept is not None else None

    def put(self, inputs: PlanInputs, run: PlanRun) -> str:
        """Keep the plan; the reason in one line where it must not be kept, else empty."""
        try:
            key = self._key(inputs)
        except NotKept as reason:
            return str(reason)
        if holds_sensitive(run.json):
            return "it holds sensitive values"
        if run.provider_source != MIRROR and not inputs.locked:
            return "no lock file says which provider the next run would get"
        self._store.put(key, json.dumps(_entry(run)).encode())
        return ""

    def _key(self, inputs: PlanInputs) -> str:
        """Raises NotKept. Where no file changed, no file is parsed: the closure is kept, too."""
        asked = identity(inputs, self._surroundings)
        kept = self._store.get(f"closure-{asked}")
        if kept is not None:
            data = json.loads(kept)
            now = Closure.from_json(data).digest()
            # The closure is a function of the files in it, so the same files have the same closure.
            if now == data["digest"]:
                return f"plan-{asked}-{now}"
        closure = closure_of(inputs)
        now = closure.digest()
        self._store.put(f"closure-{asked}", json.dumps({**closure.to_json(), "digest": now}).encode())
        return f"plan-{asked}-{now}"


def _entry(run: PlanRun) -> dict[str, Any]:
    return {
        "json": run.json,
        "folders": {key: str(folder) for key, folder in run.folders.items()},
        "root_text": run.root_text,
        "terraform_version": run.terraform_version,
        "provider_versions": run.provider_versions,
        "provider_source": run.provider_source,
        "not_fast": run.not_fast,
        "warnings": [{**asdict(item), "file": str(item.file) if item.file else None} for item in run.warnings],
    }


def _restored(entry: dict[str, Any]) -> PlanRun:
    entry["folders"] = {key: Path(folder) for key, folder in entry["folders"].items()}
    entry["warnings"] = tuple(
        Diagnostic(**{**item, "file": Path(item["file"]) if item["file"] else None}) for item in entry["warnings"]
    )
    return PlanRun(**entry, seconds_init=0.0, seconds_plan=0.0, kept=True)


def holds_sensitive(plan: Mapping[str, Any]) -> bool:
    """Whether a value in the plan is marked sensitive: of a resource, an output, or a variable of any module."""
    changes = [change["change"] for name in ("resource_changes", "resource_drift") for change in plan.get(name, [])]
    changes += plan.get("output_changes", {}).values()
    sides = ((change.get(f"{side}_sensitive"), change.get(side)) for change in changes for side in ("before", "after"))
    return any(_marked(marks, value) for marks, value in sides) or _sensitive_variable(
        plan.get("configuration", {}).get("root_module", {})
    )


def _sensitive_variable(module: Mapping[str, Any]) -> bool:
    if any(variable.get("sensitive") for variable in module.get("variables", {}).values()):
        return True
    return any(_sensitive_variable(call.get("module", {})) for call in module.get("module_calls", {}).values())


def _marked(marks: Any, value: Any) -> bool:
    """Whether a mark lies on a value that is there; providers mark attributes that nobody set, too."""
    if marks is True:
        return value is not None
    if isinstance(marks, dict):
        return isinstance(value, dict) and any(_marked(mark, value.get(name)) for name, mark in marks.items())
    if isinstance(marks, list):
        return isinstance(value, list) and any(_marked(mark, item) for mark, item in zip(marks, value, strict=False))
    return False
