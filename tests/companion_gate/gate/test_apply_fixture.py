"""pytest-terraform's own fixture in a team's own test file, with companion-gate installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion_gate.gate.running import run_gate, write_tree

LOGS = """
provider "aws" {
  region = "eu-central-1"
}

resource "aws_cloudwatch_log_group" "turns" {
  name              = "companion/turns"
  retention_in_days = 30
}
"""

TESTS = """
from pytest_terraform import terraform


@terraform("logs", scope="session")
def test_applied(logs, aws):
    assert logs["aws_cloudwatch_log_group.turns.retention_in_days"] == 30
    groups = aws.client("logs", "eu-central-1").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["companion/turns"]
"""

RUNS_CODE = (
    LOGS
    + """
resource "terraform_data" "step" {
  provisioner "local-exec" {
    command = "touch ran"
  }
}
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {"terraform/logs/main.tf": LOGS, "test_logs.py": TESTS})


def test_applies_and_writes_nothing_beside_the_sources(folder: Path) -> None:
    result = run_gate(folder, "-p", "no:cacheprovider", env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert result.code == 0, result.output
    assert "test_logs.py::test_applied PASSED" in result.output
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["main.tf", "test_logs.py"]


def test_recorded_resources_are_refused(folder: Path) -> None:
    result = run_gate(folder, "--tf-replay")
    assert result.code == 1
    assert "--tf-replay gives recorded resources without looking at the Terraform they came from" in result.output
    assert "apply.py" not in result.output


def test_what_runs_code_is_not_applied(folder: Path) -> None:
    write_tree(folder, {"terraform/logs/main.tf": RUNS_CODE})
    result = run_gate(folder)
    assert result.code == 1
    assert 'terraform/logs/main.tf:12: terraform_data.step has a "local-exec" provisioner' in result.output
    assert not list(folder.rglob("ran"))
