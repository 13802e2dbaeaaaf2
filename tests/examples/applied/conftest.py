"""The examples, each applied once on an emulated AWS.

Tests run in the order of their files' names: what is deployed, what drifts, and how it ends.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from companion_gate.apply.deployment import Deployment
from companion_gate.aws.inventory import inventory
from companion_gate.aws.target import AwsTarget
from companion_gate.gate.run import run_of
from companion_gate.terraform.configuration import module_blocks
from tests.examples.deployments import EXAMPLES

from .summary import Summary
from .surroundings import ACCOUNT, REGION, TYPES, surround

SUMMARY = Summary()


@dataclass
class Applied:
    """A deployed example, and the account that it is in."""

    example: str
    deployment: Deployment
    variables: dict[str, Any]
    aws: AwsTarget
    client: Callable[[str], Any]
    before: frozenset[str]
    began_cpu: float
    destroyed: bool = False

    @functools.cached_property
    def outputs(self) -> dict[str, Any]:
        return self.deployment.outputs()

    @property
    def types(self) -> frozenset[str]:
        return self.deployment.types() | TYPES

    def held(self) -> frozenset[str]:
        """What the account holds beyond the surroundings."""
        return inventory(self.client, self.types) - self.before

    def destroy(self) -> None:
        self.destroyed = True
        self.deployment.destroy(self.variables)

    def emulator_cpu(self) -> float:
        """CPU seconds of this process, and so of the embedded AWS in it, since before the apply."""
        return time.process_time() - self.began_cpu


@pytest.fixture(scope="session")
def applied(request: pytest.FixtureRequest) -> Iterator[Applied]:
    """The example that the parameter names, applied; destroyed at the latest when its last test has ended."""
    run, example, began = run_of(request.config), str(request.param), time.process_time()
    client = functools.partial(_client, run.aws)
    variables = surround(example, client)
    deployment = Deployment(run.session, EXAMPLES / example, ACCOUNT)
    _show_outputs(deployment.workspace.root)
    deployment.init()
    before = inventory(client, deployment.types() | TYPES)
    made = Applied(example, deployment, variables, run.aws, client, before, began)
    try:
        deployment.apply(variables)
        yield made
    finally:
        if not made.destroyed:
            deployment.destroy(variables)


def _show_outputs(root: Path) -> None:
    """An example that shows its readers no outputs has them shown to the tests."""
    declared = {block.name for block in module_blocks(root) if block.kind == "output"}
    calls = {block.name for block in module_blocks(root) if block.kind == "module"}
    if "companion" in calls:
        missing = [name for name in ("companion", "capacity_contract") if name not in declared]
        texts = [f'output "{name}" {{\n  value = module.companion.{name}\n}}\n' for name in missing]
        (root / "shown.tf").write_text("".join(texts), encoding="utf-8")


def _client(aws: AwsTarget, service: str) -> Any:
    return aws.client(service, REGION, ACCOUNT)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    SUMMARY.add(report)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        sys.stdout.writelines(f"{line}\n" for line in SUMMARY.lines())
