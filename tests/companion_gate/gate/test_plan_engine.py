"""Which engine makes the plans, and how a run says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion_gate.gate.running import run_gate, table, write_tree

ALIAS = 'provider "aws" {\n  alias  = "other"\n  region = "eu-west-1"\n}\n'


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"infra/main.tf": table()})
    return tmp_path


@pytest.mark.parametrize(
    "options", [("--plan-record", "a", "--plan-replay", "b"), ("--plan-engine", "stock", "--plan-replay", "b")]
)
def test_options_that_contradict_each_other_are_refused(stack: Path, options: tuple[str, ...]) -> None:
    result = run_gate(stack, "--stack", "infra", *options)
    assert result.code == 4
    assert "need the fast plan engine, and one of them at a time" in result.output


def test_a_root_that_is_not_for_the_fast_engine_is_planned_by_plain_terraform_and_that_is_said(stack: Path) -> None:
    (stack / "infra" / "alias.tf").write_text(ALIAS)
    result = run_gate(stack, "--stack", "infra")
    assert result.code == 0, result.output
    assert "plain Terraform for infra: infra/alias.tf:1:" in result.output
    assert "GATE PASSED" in result.output


def test_a_recording_answers_in_the_providers_place_until_the_root_changes(stack: Path) -> None:
    assert run_gate(stack, "--stack", "infra", "--plan-record", "recording").code == 0
    replayed = run_gate(stack, "--stack", "infra", "--plan-replay", "recording")
    assert replayed.code == 0, replayed.output
    (stack / "infra" / "main.tf").write_text((stack / "infra" / "main.tf").read_text().replace("PAY_PER", "PAY_pER"))
    stale = run_gate(stack, "--stack", "infra", "--plan-replay", "recording")
    assert stale.code == 1
    assert "record it again with `pytest --plan-record" in stale.output
