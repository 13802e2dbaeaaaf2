"""The fast lane's plan is the plan that Terraform makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.aws.target import aws_target
from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.gate.stack import Case, cases_of
from companion_gate.terraform.diagnostics import TerraformFailed
from companion_gate.terraform.plan import TerraformSession, make_plan, refusals
from companion_gate.terraform.workspace import generated

from .conftest import PROVIDER, MakeRoot
from .plans import changes, comparable, fast_json

REPOSITORY = Path(__file__).resolve().parents[3]
CASES = [
    case
    for folder in ("modules", "examples")
    for stack in sorted((REPOSITORY / folder).iterdir())
    # What modules/companion shows in its README is what the examples deploy.
    if any(stack.glob("*.tf")) and stack.name != "companion"
    for case in cases_of(stack)
]


@pytest.fixture(scope="module")
def aws_session() -> Iterator[TerraformSession]:
    """A session with the embedded AWS, as the gate has it: planning an OpenSearch domain asks AWS for its versions."""
    with aws_target("embedded") as aws, TerraformSession.open(endpoint_url=aws.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def aws_lane(aws_session: TerraformSession) -> Iterator[FastLane]:
    with FastLane(aws_session) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.stack.name}::{case.name}")
def test_every_module_and_example_plans_the_same(aws_session: TerraformSession, aws_lane: FastLane, case: Case) -> None:
    stock = make_plan(case.workspace(aws_session), aws_session)
    workspace = case.workspace(aws_session)
    fast = fast_json(aws_lane, workspace)
    assert comparable(fast) == comparable(stock.json)
    assert changes(fast)
    assert not fast["errored"]


def test_a_data_source_and_functions_plan_the_same(aws_session: TerraformSession, aws_lane: FastLane) -> None:
    text = """
    provider "aws" { region = "eu-west-1" }
    data "aws_caller_identity" "me" {}
    resource "aws_sqs_queue" "turns" { name = "turns-${data.aws_caller_identity.me.account_id}" }
    output "service" { value = provider::aws::arn_parse("arn:aws:sqs:eu-west-1:123456789012:turns").service }
    """
    files = {"main.tf": text, "versions.tf": PROVIDER}
    stock = make_plan(generated(files, {}, aws_session.new_folder()), aws_session).json
    fast = fast_json(aws_lane, generated(files, {}, aws_session.new_folder()))
    assert comparable(fast) == comparable(stock)
    assert changes(fast)["aws_sqs_queue.turns"]["name"] == "turns-123456789012"
    assert fast["planned_values"]["outputs"]["service"]["value"] == "sqs"


def test_a_refused_plan_is_refused_with_the_same_diagnostics(
    session: TerraformSession, lane: FastLane, root: MakeRoot
) -> None:
    text = """
    resource "aws_sqs_queue" "a" { visibility_timeout_seconds = 99999 }
    resource "aws_no_such_thing" "b" {}
    resource "aws_caller_identity" "c" {}
    """
    stock = refusals(root(text), session)
    with pytest.raises(TerraformFailed) as fast:
        lane.planned(root(text))
    seen = [(each.summary, each.detail, each.address, each.line) for each in fast.value.diagnostics]
    assert seen == [(each.summary, each.detail, each.address, each.line) for each in stock]
    assert len(seen) == 3
    assert isinstance(fast.value, GateError)
