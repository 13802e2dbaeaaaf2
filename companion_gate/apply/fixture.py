"""pytest-terraform's fixtures on the emulated AWS: apply a root, ask the API, plan again, destroy.

``@terraform("companion")`` from pytest-terraform stays as its users know it; with companion-gate installed its fixture
runs in the gate's hermetic environment, on a copy of the root, and writes nothing beside the sources.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from py.path import local
from pytest_terraform import tf

from companion_gate.apply.deployment import Deployment
from companion_gate.apply.recording import record, recorded
from companion_gate.gate.options import OPTIONS
from companion_gate.gate.run import run_of


class HermeticRunner(tf.TerraformRunner):  # type: ignore[misc]  # pytest-terraform is untyped
    """pytest-terraform's runner with the gate's driver in place of its bare subprocess."""

    def __init__(self, deployment: Deployment) -> None:
        root = deployment.workspace.root
        super().__init__(
            str(root), state_path=str(root / "terraform.tfstate"), module_dir=str(root), tf_bin="terraform"
        )
        self.deployment = deployment

    def changes(self) -> list[str]:
        """What another plan would change: empty where the applied state holds ("update module.x.aws_y.z (ttl)")."""
        return self.deployment.changes()

    def outputs(self) -> dict[str, Any]:
        """The root's outputs as plain values."""
        return self.deployment.outputs()

    def _run_cmd(self, args: list[str], output: bool = False) -> Any:
        result = self.deployment.terraform.execute_command(args[1], *args[2:])
        return result.out.encode() if output else result.retcode


class HermeticFixture(tf.TerraformFixture):  # type: ignore[misc]
    """The fixture behind ``@terraform(…)``, of every scope.

    Each worker of pytest-xdist applies for itself, to an AWS of its own or to an account of its own.
    """

    def __call__(self, request: Any, tmpdir_factory: Any, worker_id: str) -> Any:
        source = Path(str(self.resolve_module_dir()))
        if self.replay:
            return recorded(source)
        run = run_of(request.config)
        deployment = Deployment(run.session, source, run.aws.account)
        self.runner = HermeticRunner(deployment)
        applied = self.create(request, local(str(deployment.workspace.root)))  # noqa: PTH124
        applied.runner = self.runner
        if request.config.stash[OPTIONS].record_resources:
            record(source, deployment)
        return applied
