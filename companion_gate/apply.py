"""pytest-terraform's fixtures on the emulated AWS: apply a root, ask the API, plan again, destroy.

``@terraform("companion")`` from pytest-terraform stays as its users know it; with companion-gate installed its fixture
runs in the gate's hermetic environment, on a copy of the root, and writes nothing beside the sources.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from py.path import local
from pytest_terraform import tf

from companion_gate.errors import GateError
from companion_gate.gate.run import run_of
from companion_gate.terraform.configuration import module_blocks, module_closure
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.safety import safe
from companion_gate.terraform.workspace import copied

WAITS = {
    "aws_opensearch_domain": ("create", "update", "delete"),
    "aws_opensearch_domain_policy": ("update", "delete"),
}
"""Types whose waiter the AWS provider 5.100 begins with a long sleep, or polls slowly: the emulated AWS is ready at
once, and the sleep ends with the timeout. Measured: 10 minutes for a domain, 60 s for its policy."""

SHORT_WAIT = "5s"
_OVERRIDE = "companion_gate_waits_override.tf"


class HermeticRunner(tf.TerraformRunner):  # type: ignore[misc]  # pytest-terraform is untyped
    """pytest-terraform's runner with the gate's driver in place of its bare subprocess."""

    def __init__(self, terraform: Terraform, root: Path) -> None:
        super().__init__(
            str(root), state_path=str(root / "terraform.tfstate"), module_dir=str(root), tf_bin="terraform"
        )
        self._terraform = terraform

    def changes(self) -> list[str]:
        """What another plan would change: empty where the applied state holds ("update module.x.aws_y.z (ttl)")."""
        with self._terraform.planned(lock=False) as (text, _):
            plan = json.loads(text)
        resources = [(change["address"], change["change"]) for change in plan.get("resource_changes", [])]
        outputs = [(f"output.{name}", change) for name, change in plan.get("output_changes", {}).items()]
        return [
            f"{'+'.join(change['actions'])} {address} ({', '.join(_differences(change))})"
            for address, change in resources + outputs
            if change["actions"] not in (["no-op"], ["read"])
        ]

    def outputs(self) -> dict[str, Any]:
        """The root's outputs as plain values."""
        return dict(self._terraform.output())

    def _run_cmd(self, args: list[str], output: bool = False) -> Any:
        result = self._terraform.execute_command(args[1], *args[2:])
        return result.out.encode() if output else result.retcode


class HermeticFixture(tf.TerraformFixture):  # type: ignore[misc]
    """The fixture behind ``@terraform(…)``, of every scope."""

    def __call__(self, request: Any, tmpdir_factory: Any, worker_id: str) -> Any:
        if self.replay:
            raise GateError(
                "--tf-replay gives recorded resources without looking at the Terraform they came from; run without it"
            )
        run = run_of(request.config)
        workspace = safe(copied(Path(str(self.resolve_module_dir())), run.session.new_folder()))
        for folder in module_closure(workspace.root):
            _shorten_waits(folder)
        self.runner = HermeticRunner(run.session.terraform(workspace), workspace.root)
        applied = self.create(request, local(str(workspace.root)))  # noqa: PTH124
        applied.runner = self.runner
        return applied


def _differences(change: dict[str, Any]) -> list[str]:
    """Names of the arguments that differ; never their values, which may be secret."""
    before, after = change.get("before"), change.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ["value"]
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _shorten_waits(folder: Path) -> None:
    overrides = "".join(_overrides(folder))
    if overrides:
        (folder / _OVERRIDE).write_text(overrides, encoding="utf-8")


def _overrides(folder: Path) -> Iterator[str]:
    for block in module_blocks(folder):
        if block.kind == "resource" and block.type in WAITS:
            timeouts = "".join(f'    {name} = "{SHORT_WAIT}"\n' for name in WAITS[block.type])
            yield f'resource "{block.type}" "{block.name}" {{\n  timeouts {{\n{timeouts}  }}\n}}\n'
