"""What a batch makes of a case is the plan that plain Terraform makes of it alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from companion_gate.gate.run import GateRun
from companion_gate.gate.stack import EXAMPLE_PROVIDER, cases_of
from companion_gate.terraform.batch import BatchCase, Outcome, plan_together
from companion_gate.terraform.plan import PlanRun, make_plan
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import placed
from tests.companion_gate.fastlane.plans import changes, comparable
from tests.modules.cases import SUITES

MODULES = Path(__file__).resolve().parents[3] / "modules"
EXAMPLES = {
    f"{stack.name}::{case.name}": case.to_plan
    for stack in sorted(MODULES.iterdir())
    if any(stack.glob("*.tf"))
    for case in cases_of(stack)
}
AWKWARD = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

data "aws_caller_identity" "me" {}

locals {
  names = toset(["a.b", "c\\"d", "module.companion"])
}

resource "aws_sqs_queue" "each" {
  for_each   = local.names
  name       = replace(each.key, "/[^a-z]/", "-")
  depends_on = [module.inner]
}

resource "terraform_data" "of_the_queues" {
  count            = 2
  input            = [for queue in aws_sqs_queue.each : queue.arn]
  triggers_replace = data.aws_caller_identity.me.account_id
}

module "inner" {
  source   = "./inner"
  for_each = local.names
  account  = data.aws_caller_identity.me.account_id
}

moved {
  from = aws_sqs_queue.old
  to   = aws_sqs_queue.each
}

check "account" {
  data "aws_region" "here" {}

  assert {
    condition     = data.aws_region.here.name == "eu-central-1"
    error_message = "elsewhere"
  }
}

output "inner" {
  value     = module.inner
  sensitive = true
}

output "service" {
  value = provider::aws::arn_parse("arn:aws:sqs:eu-west-1:123456789012:turns").service
}
"""
INNER = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

variable "account" {
  type      = string
  sensitive = true
}

data "aws_caller_identity" "me" {}

resource "aws_sqs_queue" "inner" {
  name = "inner-${var.account}"
  tags = { same = var.account == data.aws_caller_identity.me.account_id }
}

output "queue" {
  value = aws_sqs_queue.inner.name
}
"""
# All that a module accepts and plans quickly: the endpoint's differ in what its alarms and its scaling hold.
ACCEPTED = [
    (module, case.name)
    for module in ("memory-hot", "moderation")
    for case in SUITES[module].cases
    if case.message is None
]


@pytest.fixture(scope="module")
def stock(gate_run: GateRun) -> Iterator[TerraformSession]:
    """Plain Terraform, with the run's AWS: planning an OpenSearch domain asks it for its versions."""
    with TerraformSession.open(endpoint_url=gate_run.aws.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def together(terraform_session: TerraformSession) -> Mapping[str, Outcome]:
    return plan_together([*EXAMPLES.values()], terraform_session)


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> BatchCase:
    folder = tmp_path_factory.mktemp("awkward")
    (folder / "inner").mkdir()
    (folder / "provider.tf").write_text("# nothing is written through a link to this file\n")
    (folder / "main.tf").write_text(AWKWARD)
    (folder / "inner" / "main.tf").write_text(INNER)
    return BatchCase("awkward", partial(placed, folder), provider=EXAMPLE_PROVIDER)


def assert_same(found: Outcome, expected: PlanRun) -> None:
    assert isinstance(found, PlanRun), found
    assert comparable(found.json) == comparable(expected.json)
    assert (found.folders, found.root_text) == (expected.folders, expected.root_text)
    assert (found.warnings, found.provider_versions) == (expected.warnings, expected.provider_versions)
    assert changes(found.json)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_the_plan_of_plain_terraform(
    name: str, stock: TerraformSession, together: Mapping[str, Outcome]
) -> None:
    case = EXAMPLES[name]
    assert_same(together[case.name], make_plan(case.root(stock), stock))


def test_all_that_a_plan_can_hold_is_the_same(
    stock: TerraformSession, terraform_session: TerraformSession, awkward: BatchCase
) -> None:
    expected = make_plan(awkward.root(stock), stock)
    found = plan_together([replace(awkward, name=name) for name in ("one", "two")], terraform_session)
    for outcome in found.values():
        assert_same(outcome, expected)
    assert_made_in_one_plan(found)
    # What the case is for, lest a day comes when it holds none of it.
    assert {"checks", "prior_state", "relevant_attributes", "output_changes"} <= set(expected.json)
    assert expected.json["prior_state"]["values"]["root_module"]["child_modules"]
    assert any("depends_on" in each for each in expected.json["configuration"]["root_module"]["resources"])


def test_examples_are_planned_in_one_go(together: Mapping[str, Outcome]) -> None:
    # A function's package has another path in each root, so that whatever deploys functions is planned alone.
    alone = [name for name in together if "/modules/companion::" in name or "/modules/turn-handler::" in name]
    assert len(alone) == 4
    assert_made_in_one_plan({name: run for name, run in together.items() if name not in alone})


def assert_made_in_one_plan(found: Mapping[str, Outcome]) -> None:
    # Cases of one plan have equal shares of its time.
    assert len({run.seconds_plan for run in found.values() if isinstance(run, PlanRun)}) == 1


@pytest.fixture(scope="module")
def varied(terraform_session: TerraformSession) -> Mapping[tuple[str, str], Outcome]:
    """Of each module with each of the inputs that it accepts."""
    places = {module: partial(placed, MODULES / module) for module, _ in ACCEPTED}
    cases = {case: BatchCase("/".join(case), places[case[0]], inputs_of(*case)) for case in ACCEPTED}
    outcomes = plan_together([*cases.values()], terraform_session)
    return {key: outcomes[case.name] for key, case in cases.items()}


def inputs_of(module: str, name: str) -> dict[str, Any]:
    return SUITES[module].inputs[name]


@pytest.mark.parametrize(("module", "name"), ACCEPTED)
def test_inputs_give_the_plan_that_they_give_alone(
    module: str, name: str, terraform_session: TerraformSession, varied: Mapping[tuple[str, str], Outcome]
) -> None:
    alone = BatchCase(name, partial(placed, MODULES / module)).root(terraform_session)
    assert_same(varied[module, name], make_plan(alone, terraform_session, inputs_of(module, name)))


def test_inputs_give_the_plan_of_plain_terraform(
    stock: TerraformSession, varied: Mapping[tuple[str, str], Outcome]
) -> None:
    assert_made_in_one_plan({name: run for (module, name), run in varied.items() if module == ACCEPTED[-1][0]})
    module, name = ACCEPTED[-1]
    alone = BatchCase(name, partial(placed, MODULES / module)).root(stock)
    assert_same(varied[module, name], make_plan(alone, stock, inputs_of(module, name)))
