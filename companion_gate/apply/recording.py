"""pytest-terraform's record and replay, bound to the Terraform that was applied.

A recording holds resources and outputs in pytest-terraform's form, and a digest of all files that they came from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from pytest_terraform import tf

from companion_gate.apply.deployment import Deployment
from companion_gate.errors import GateError
from companion_gate.hcl.syntax import shown
from companion_gate.terraform.configuration import module_closure

RECORDING = "tf_resources.json"
_DIGEST = "terraform_sha256"


class Replayed(tf.TerraformTestApi):  # type: ignore[misc]  # pytest-terraform is untyped
    """Resources and outputs of an earlier apply; there is no Terraform and no AWS behind them."""

    @property
    def runner(self) -> NoReturn:
        """Raises GateError: what was recorded cannot be planned, asked or destroyed."""
        raise GateError("this fixture was replayed, and no Terraform is behind it; run without --tf-replay")


def record(root: Path, deployment: Deployment) -> None:
    """Write what is deployed beside the root's files, for ``--tf-replay``; nothing sensitive is written.

    Raises GateError where the file cannot be written.
    """
    shown_state = deployment.shown()
    resources: dict[str, dict[str, Any]] = {}
    for each in _resources(shown_state.get("root_module", {})):
        public = _public(each["values"], each.get("sensitive_values", {}))
        resources.setdefault(each["type"], {})[each["name"]] = public
    outputs = {name: each for name, each in shown_state.get("outputs", {}).items() if not each.get("sensitive")}
    found = {"pytest-terraform": 1, "outputs": outputs, "resources": resources, _DIGEST: _digest(root)}
    file = root / RECORDING
    try:
        file.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    except OSError as error:
        raise GateError(f"{shown(file)} cannot be written: {error.strerror}; make the folder writable") from error


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (each for each in module.get("resources", []) if each["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _public(value: Any, sensitive: Any) -> Any:
    """The parts of a value that Terraform does not mark as sensitive."""
    if isinstance(value, dict) and isinstance(sensitive, dict):
        return {
            name: _public(each, sensitive.get(name)) for name, each in value.items() if sensitive.get(name) is not True
        }
    if isinstance(value, list) and isinstance(sensitive, list):
        marks = [*sensitive, *[None] * len(value)]
        return [_public(each, mark) for each, mark in zip(value, marks, strict=False) if mark is not True]
    return value


def recorded(root: Path) -> Replayed:
    """The recording of a root. Raises GateError where there is none, or its Terraform is another one by now."""
    file = root / RECORDING
    cure = "run with --tf-record and without --tf-replay"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        digest, resources, outputs = found[_DIGEST], found["resources"], found["outputs"]
    except FileNotFoundError:
        raise GateError(f"{shown(file)} does not exist, so that nothing can be replayed; {cure}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(f"{shown(file)} is not a recording of companion-gate ({error}); {cure}") from error
    if digest != _digest(root):
        raise GateError(f"{shown(file)} was recorded from other Terraform than lies in {shown(root)} now; {cure}")
    return Replayed(resources, outputs)


def _digest(root: Path) -> str:
    """Of the paths and contents of all files of a root and of the modules that it calls."""
    files = {path for folder in module_closure(root) for path in folder.rglob("*") if _counts(path)}
    digest = hashlib.sha256()
    for name, file in sorted((os.path.relpath(file, root), file) for file in files):
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _counts(path: Path) -> bool:
    made = path.name == RECORDING or ".tfstate" in path.name or {".terraform", "__pycache__"} & set(path.parts)
    return path.is_file() and not made
