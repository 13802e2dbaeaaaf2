"""The fixtures that a team's own tests use; ``pytest --fixtures`` lists them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aic_engine.graph import Graph
    from companion_gate.apply.deployment import Deployment
    from companion_gate.aws.target import AwsTarget
    from companion_gate.gate.run import GateRun
    from companion_gate.plan import Plan
    from companion_gate.plan.cases import PlanCases

PlanFolder = Callable[..., "Plan"]
GraphOfFolder = Callable[..., "Graph"]
ApplyFolder = Callable[..., "Deployment"]
PlanManyCases = Callable[[str | Path, Mapping[str, Mapping[str, Any]]], "PlanCases"]


def _run(config: pytest.Config) -> GateRun:
    # Here, because what judges, plans and applies takes longer to import than pytest itself.
    from companion_gate.gate.run import run_of

    return run_of(config)


@pytest.fixture(scope="session")
def aws(pytestconfig: pytest.Config) -> AwsTarget:
    """The emulated AWS of this run: ``aws.url``, and ``aws.client("dynamodb", "eu-central-1")`` for boto3."""
    return _run(pytestconfig).aws


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> PlanFolder:
    """Plan a Terraform root: ``plan("infra/prod", variables={…})["aws_sqs_queue.turns"]["fifo_queue"] == True``."""
    run = _run(pytestconfig)

    def plan_folder(folder: str | Path, variables: dict[str, object] | None = None) -> Plan:
        return run.plan_folder(Path(folder), variables)

    return plan_folder


@pytest.fixture(scope="session")
def graph(plan: PlanFolder) -> GraphOfFolder:
    """The graph that policies judge: ``graph("infra/prod").of_type("aws_sqs_queue")[0].get("fifo_queue")``."""

    def graph_of(folder: str | Path, variables: dict[str, object] | None = None) -> Graph:
        return plan(folder, variables).graph

    return graph_of


@pytest.fixture
def apply(pytestconfig: pytest.Config) -> Iterator[ApplyFolder]:
    """Apply a Terraform root on the emulated AWS; it is destroyed when the test ends.

    ``deployed = apply("infra/prod", variables={…})``, then ``deployed.outputs()``, ``deployed.changes()`` (what another
    plan would change), ``deployed.resources()``, and the fixture ``aws`` for boto3.
    """
    run = _run(pytestconfig)
    with contextlib.ExitStack() as applied:

        def apply_folder(folder: str | Path, variables: dict[str, object] | None = None) -> Deployment:
            from companion_gate.apply.deployment import Deployment

            run.tell(f"applying {folder}")
            deployment = Deployment(run.session, Path(folder).absolute(), run.aws.account)
            deployment.init()
            # Before it is applied, since what fails half way has to go as well.
            applied.callback(deployment.destroy, variables)
            deployment.apply(variables)
            return deployment

        yield apply_folder


@pytest.fixture(scope="session")
def plan_cases(pytestconfig: pytest.Config) -> PlanManyCases:
    """Plan a module with many inputs in one go: ``cases = plan_cases("modules/x", {"small": {…}, "bad": {…}})``.

    ``cases["small"]`` is a plan, or raises what planning it alone would raise; ``cases.refusals("bad")`` are the errors
    by which Terraform refuses the inputs, empty where it accepts them.
    """
    run = _run(pytestconfig)

    def plan_many(folder: str | Path, inputs: Mapping[str, Mapping[str, Any]]) -> PlanCases:
        return run.plan_cases(Path(folder), inputs)

    return plan_many
