"""The plans that tests of modules share."""

from __future__ import annotations

from functools import partial

import pytest

from companion_gate.gate.stack import EXAMPLE_PROVIDER
from companion_gate.terraform.batch import BatchCase, plan_together
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import written

from .examples import EXAMPLES, ExamplePlans
from .roots import MODULES

_CONTRACT = 'output "capacity_contract" {{\n  value = module.{}.capacity_contract\n}}\n'


@pytest.fixture(scope="session")
def plans(terraform_session: TerraformSession) -> ExamplePlans:
    """The plan of every README example, with its capacity contract as output."""
    cases = []
    for label, block in EXAMPLES.items():
        files = {"main.tf": block, "outputs.tf": _CONTRACT.format(label)}
        cases.append(BatchCase(label, partial(written, files, {"modules": MODULES}), provider=EXAMPLE_PROVIDER))
    return ExamplePlans(plan_together(cases, terraform_session))
