"""What a team's own tests see of a module planned with many inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.fixtures import PlanManyCases
from companion_gate.plan.cases import PlanCases
from companion_gate.terraform.plan import TerraformFailed

QUEUE = """
variable "seconds" {
  type = number

  validation {
    condition     = var.seconds >= 0
    error_message = "seconds must not be negative."
  }
}

resource "aws_sqs_queue" "turns" {
  visibility_timeout_seconds = var.seconds
}
"""
INPUTS = {"short": {"seconds": 5}, "long": {"seconds": 500}, "bad": {"seconds": -1}, "typo": {"second": 1}}


@pytest.fixture(scope="module")
def cases(plan_cases: PlanManyCases, tmp_path_factory: pytest.TempPathFactory) -> PlanCases:
    folder = tmp_path_factory.mktemp("queue")
    (folder / "main.tf").write_text(QUEUE)
    return plan_cases(folder, INPUTS)


def test_each_case_is_a_plan_of_its_own(cases: PlanCases) -> None:
    assert cases["short"]["aws_sqs_queue.turns"]["visibility_timeout_seconds"] == 5
    assert cases["long"]["aws_sqs_queue.turns"]["visibility_timeout_seconds"] == 500
    assert cases["short"] is cases["short"]
    assert cases["short"]["aws_sqs_queue.turns"]["visibility_timeout_seconds"].source is not None


def test_a_refused_case_raises_and_tells_why(cases: PlanCases) -> None:
    with pytest.raises(TerraformFailed, match=r"main\.tf:5: .*seconds must not be negative"):
        cases["bad"]
    (refusal,) = cases.refusals("bad")
    assert "seconds must not be negative" in refusal.detail
    assert cases.refusals("short") == []


def test_an_input_that_is_not_declared_is_no_refusal(cases: PlanCases) -> None:
    with pytest.raises(GateError, match="declares no variable second"):
        cases.refusals("typo")


def test_a_failed_init_is_no_refusal(plan_cases: PlanManyCases, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(QUEUE + 'terraform {\n  required_version = ">= 99"\n}\n')
    with pytest.raises(TerraformFailed, match="terraform init failed"):
        plan_cases(tmp_path, INPUTS).refusals("bad")


def test_an_unknown_case_names_the_close_ones(cases: PlanCases) -> None:
    with pytest.raises(KeyError, match="no case shrt; close: short"):
        cases["shrt"]
    with pytest.raises(KeyError, match="no case xyz; the cases are short, long, bad, typo"):
        cases.refusals("xyz")


def test_it_is_a_mapping(cases: PlanCases) -> None:
    assert list(cases) == list(INPUTS)
    assert len(cases) == 4
    assert "bad" in cases
    assert "shrt" not in cases
