"""The stacks whose plans are weakened: the examples, and the reference stack for what no module deploys."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import placed
from tests.policies.mutation import REFERENCE


@pytest.fixture(scope="session")
def stacks(terraform_session: TerraformSession, repository: Path) -> dict[str, Plan]:
    folders = [*sorted(path.parent for path in repository.glob("examples/*/main.tf")), REFERENCE]
    return {
        folder.name: Plan(make_plan(placed(folder, terraform_session.new_folder()), terraform_session))
        for folder in folders
    }
