"""A module with examples below it, as most published modules are laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree

MODULE = 'variable "ttl" {\n  type    = bool\n  default = true\n}\n' + table(ttl="var.ttl")
EXAMPLE = """
variable "extra" {
  type    = string
  default = "yes"
}

module "memory" {
  source = "../.."
  ttl    = length(regexall("yes", var.extra)) > 0
}
"""


TAKES_OUT = """
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path, parent):
    return pytest.Dir.from_parent(parent, path=path) if path.name == "mod" else None
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {"mod/main.tf": MODULE, "mod/examples/full/main.tf": PROVIDER + EXAMPLE})


def test_what_a_root_below_leaves_open_is_said_with_its_folder(folder: Path) -> None:
    result = run_gate(folder, "--stack", "mod")
    assert result.failed == {"mod::decided"}
    reason = result.reason("mod::decided")
    assert "module.memory.aws_dynamodb_table.memory.ttl[0].enabled" in reason
    assert "mod/examples/full is a root of its own; judge it too: --stack mod/examples/full" in reason


def test_a_stack_below_another_is_judged_by_itself(folder: Path) -> None:
    write_tree(folder, {"mod/examples/full/main.tf": PROVIDER + table("own", ttl="false")})
    result = run_gate(folder, "--stack", "mod", "--stack", "mod/examples/full")
    assert "mod/examples/full::plan::memory-ttl-enabled" in result.failed
    assert result.verdicts["mod::plan::memory-ttl-enabled"] == "PASSED"
    alone = run_gate(folder, "mod/examples/full::plan::memory-ttl-enabled", "--stack", "mod")
    assert "mod/examples/full::plan::memory-ttl-enabled" in alone.failed


def test_a_stack_that_somebody_takes_out_of_the_run_is_an_error(folder: Path) -> None:
    write_tree(folder, {"conftest.py": TAKES_OUT, "good/main.tf": PROVIDER + table()})
    result = run_gate(folder, "--stack", "mod", "--stack", "good")
    assert result.code != 0
    assert "no question was asked of mod; do not leave its folder out of the run" in result.output


def test_it_is_decided_where_that_root_is_judged_too(folder: Path) -> None:
    result = run_gate(folder, "--stack", "mod", "--stack", "mod/examples/full")
    assert result.code == 0, result.output
    assert result.verdicts["mod/examples/full::plan::memory-ttl-enabled"] == "PASSED"
    write_tree(folder, {"mod/examples/full/main.tf": PROVIDER + EXAMPLE.replace('default = "yes"', 'default = "no"')})
    assert run_gate(folder, "--stack", "mod", "--stack", "mod/examples/full").code == 1
