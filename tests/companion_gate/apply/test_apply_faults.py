"""An apply that meets a fault recovers, or fails with a sentence; another apply, or an import first, converges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from companion_gate.apply.deployment import Deployment
from companion_gate.aws.faults import Fault, Kind
from companion_gate.aws.inventory import inventory
from companion_gate.aws.server import EmbeddedAws
from companion_gate.terraform.diagnostics import TerraformFailed
from companion_gate.terraform.session import TerraformSession

ROOT = """
provider "aws" {
  region = "eu-central-1"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"""
ACCOUNT = "333333333333"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as running:
        yield running


@pytest.fixture(scope="module")
def session(aws: EmbeddedAws) -> Iterator[TerraformSession]:
    with TerraformSession.open(aws.url) as opened:
        yield opened


@pytest.fixture
def deployment(session: TerraformSession, aws: EmbeddedAws, tmp_path: Path) -> Iterator[Deployment]:
    (tmp_path / "main.tf").write_text(ROOT)
    made = Deployment(session, tmp_path, ACCOUNT)
    made.init()
    yield made
    aws.faults.clear()
    made.destroy()
    assert held(aws, made) == set()


def held(aws: EmbeddedAws, deployment: Deployment) -> set[str]:
    def client(service: str) -> Any:
        return aws.client(service, "eu-central-1", ACCOUNT)

    return {entry.rsplit(":", 1)[-1] for entry in inventory(client, deployment.types())}


@pytest.mark.parametrize("kind", [Kind.THROTTLE, Kind.BREAK, Kind.SLOW])
def test_what_is_asked_again_is_recovered_from(aws: EmbeddedAws, deployment: Deployment, kind: Kind) -> None:
    with aws.faults.injected(Fault(kind, seconds=0.2)) as faults:
        deployment.apply()
        assert {str(operation) for _, operation in faults.met} >= {"sns:CreateTopic", "iam:CreateRole", "iam:GetRole"}
    assert held(aws, deployment) == {"alarms", "aws_iam_role worker"}
    assert deployment.changes() == []


def test_what_is_denied_fails_with_a_sentence_and_another_apply_goes_on(
    aws: EmbeddedAws, deployment: Deployment
) -> None:
    with aws.faults.injected(Fault(Kind.DENY, "*:Create*")):
        with pytest.raises(TerraformFailed, match=r"(?s)creating .*AccessDenied.*told to deny this call"):
            deployment.apply()
        assert held(aws, deployment) == set()
        deployment.apply()
    assert deployment.changes() == []


def test_later_call_can_be_the_one_that_fails(aws: EmbeddedAws, deployment: Deployment) -> None:
    with aws.faults.injected(Fault(Kind.DENY, "iam:GetRole", nth=2)) as faults:
        deployment.apply()
        with pytest.raises(TerraformFailed, match="AccessDenied"):
            deployment.changes()
        assert len(faults.met) == 1
    assert deployment.changes() == []


def test_lost_answer_to_a_call_that_may_be_repeated_is_recovered_from(aws: EmbeddedAws, deployment: Deployment) -> None:
    with aws.faults.injected(Fault(Kind.LOSE, "sns:CreateTopic"), Fault(Kind.LOSE, "iam:GetRole")) as faults:
        deployment.apply()
        assert len(faults.met) == 2
    assert deployment.changes() == []


def test_lost_answer_to_a_call_that_takes_a_name_needs_an_import(aws: EmbeddedAws, deployment: Deployment) -> None:
    with (
        aws.faults.injected(Fault(Kind.LOSE, "iam:CreateRole")),
        pytest.raises(TerraformFailed, match="EntityAlreadyExists"),
    ):
        deployment.apply()
    assert "aws_iam_role worker" in held(aws, deployment)
    deployment.terraform.execute_command("import", "-no-color", "-input=false", "aws_iam_role.worker", "worker")
    deployment.apply()
    assert deployment.changes() == []
