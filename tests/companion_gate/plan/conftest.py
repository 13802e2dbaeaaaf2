"""One real plan for all tests of the plan view."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import generated

MODULE = Path(__file__).with_name("module")
ROOT = """
provider "aws" {
  region = "eu-central-1"
}

module "memory" {
  source     = "./module"
  table_name = "memory"
  secret     = "hunter2"
}

resource "aws_ssm_parameter" "table" {
  name  = "table"
  type  = "String"
  value = module.memory.table.arn
}

output "memory" {
  value = module.memory.table
}

output "name" {
  value = "companion"
}

check "names" {
  assert {
    condition     = module.memory.table.name == "other"
    error_message = "The table has another name."
  }
}
"""


@pytest.fixture(scope="session")
def memory_plan(terraform_session: TerraformSession) -> Plan:
    workspace = generated({"main.tf": ROOT}, {"module": MODULE}, terraform_session.new_folder())
    return Plan(make_plan(workspace, terraform_session))
