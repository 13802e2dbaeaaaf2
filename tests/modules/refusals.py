"""Runs many inputs of one module through one ``terraform plan`` and tells which of them were refused, and why.

Each case is one module call in a file of its own, so that a diagnostic names its case by the file it points to.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion_gate.terraform.plan import TerraformSession

REPOSITORY = Path(__file__).parents[2]
MODULES = REPOSITORY / "modules"

# Enough for a plan without data sources: nothing is asked of AWS.
OFFLINE_PROVIDER = {
    "region": "eu-central-1",
    "access_key": "offline",
    "secret_key": "offline",
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
}


@dataclass(frozen=True)
class Case:
    """Inputs laid over a suite's base, and a piece of the message that must refuse them; None: they are accepted."""

    name: str
    inputs: Mapping[str, Any]
    message: str | None = None


@dataclass(frozen=True)
class Suite:
    """Inputs that a module accepts, and the cases around them."""

    base: Mapping[str, Any]
    cases: Sequence[Case] = field(default_factory=tuple)


@dataclass(frozen=True)
class Refusal:
    """An error: its whole text, and the rule that gave it as (file name, line); None when no rule of ours did."""

    text: str
    rule: tuple[str, int] | None


@functools.cache
def _session() -> TerraformSession:
    return TerraformSession.open()


def run_terraform(args: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Terraform in ``cwd``, in the gate's hermetic environment; a failure is returned, not raised."""
    session = _session()
    environments = session.init_envs if args[0] == "init" else [session.env]
    for environment in environments:
        result = subprocess.run(
            [session.binary.path, *args], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        if result.returncode == 0:
            break
    return result


def initialise(root: Path) -> None:
    """``terraform init`` in a root beside a link to the modules. Fails the test with Terraform's own words."""
    (root / "modules").symlink_to(MODULES)
    result = run_terraform(["init", "-backend=false", "-input=false", "-no-color"], root)
    assert result.returncode == 0, result.stderr


def planned(root: Path, *arguments: str) -> dict[str, Any]:
    """The plan of an initialised root, as ``terraform show -json`` gives it."""
    result = run_terraform(["plan", "-input=false", "-no-color", "-refresh=false", "-out=plan", *arguments], root)
    assert result.returncode == 0, result.stderr
    shown = run_terraform(["show", "-json", "plan"], root)
    assert shown.returncode == 0, shown.stderr
    plan: dict[str, Any] = json.loads(shown.stdout)
    return plan


def write_root(root: Path, calls: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    """Module calls, by name: (folder under modules/, inputs). One file for each."""
    (root / "provider.tf.json").write_text(json.dumps({"provider": {"aws": OFFLINE_PROVIDER}}))
    for name, (module, inputs) in calls.items():
        call = {"source": f"./modules/{module}", **_literal(dict(inputs))}
        (root / f"{name}.tf.json").write_text(json.dumps({"module": {name: call}}, indent=2))


def refusals(module: str, suite: Suite, root: Path) -> dict[str, list[Refusal]]:
    """The refusals of each case, none where the inputs were accepted. ``root`` must be an empty folder.

    Terraform checks rules within one variable before it plans, and goes no further when one fails; rules across
    variables come only then. So what was not refused goes into another round, until a whole plan succeeds.
    """
    found: dict[str, list[Refusal]] = {}
    pending = {case.name for case in suite.cases}
    write_root(root, {case.name: (module, {**suite.base, **case.inputs}) for case in suite.cases})
    initialise(root)
    while pending:
        result = run_terraform(["plan", "-json", "-input=false", "-refresh=false"], root)
        refused: dict[str, list[Refusal]] = {}
        for diagnostic in _errors(result.stdout.splitlines()):
            name = Path(diagnostic.get("range", {}).get("filename", "")).name.removesuffix(".tf.json")
            assert name in pending, f"an error belongs to no case: {diagnostic}"
            refused.setdefault(name, []).append(_refusal(diagnostic))
        assert bool(refused) == (result.returncode != 0), result.stdout
        if not refused:
            break
        found |= refused
        pending -= set(refused)
        for name in refused:
            (root / f"{name}.tf.json").unlink()
    return found | {name: [] for name in pending}


def _errors(lines: Iterable[str]) -> list[dict[str, Any]]:
    messages = [json.loads(line) for line in lines if line.startswith("{")]
    assert messages, "terraform said nothing"
    return [m["diagnostic"] for m in messages if m["type"] == "diagnostic" and m["diagnostic"]["severity"] == "error"]


def _refusal(diagnostic: Mapping[str, Any]) -> Refusal:
    text = " ".join(f"{diagnostic['summary']}: {diagnostic.get('detail', '')}".split())
    place = re.search(r"checked by the validation rule at (\S+?):(\d+),", text)
    return Refusal(text, (Path(place[1]).name, int(place[2])) if place else None)


def _literal(value: Any) -> Any:
    """JSON configuration reads strings as templates: escapes what would begin one."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value
