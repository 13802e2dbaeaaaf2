"""What many tests share: the run's Terraform, and the real policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Rule
from companion_gate import POLICIES_FOLDER
from companion_gate.gate.run import RUN, GateRun, load_policies
from companion_gate.terraform.plan import TerraformSession

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def gate_run(pytestconfig: pytest.Config) -> GateRun:
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def terraform_session(gate_run: GateRun) -> TerraformSession:
    """Terraform against the embedded AWS of this test run."""
    return gate_run.session


@pytest.fixture(scope="session")
def rules() -> tuple[Rule, ...]:
    return load_policies(POLICIES_FOLDER)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY
