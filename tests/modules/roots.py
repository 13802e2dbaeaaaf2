"""Roots that plain Terraform plans for a test: what the gate does not plan, such as a root with a state."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Mapping, Sequence
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


def _literal(value: Any) -> Any:
    """JSON configuration reads strings as templates: escapes what would begin one."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value
