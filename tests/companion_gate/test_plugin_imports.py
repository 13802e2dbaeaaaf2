"""The plugin is part of every pytest run where it is installed, and costs those nothing that judge no stack."""

from __future__ import annotations

from pathlib import Path

from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree

# Each takes longer to import than the whole plugin may.
HEAVY = ("aic_engine", "boto3", "companion_gate._vendor.hcl2", "lark", "markdown_it", "moto", "rich", "tftest")
CONFTEST = f"""
import sys

def pytest_unconfigure():
    sys.stdout.write("IMPORTED: " + " ".join(name for name in {HEAVY} if name in sys.modules) + "\\n")
"""


def imported(folder: Path, *arguments: str) -> set[str]:
    """Which of them a run of pytest has imported at its end."""
    result = run_gate(folder, *arguments)
    assert result.code == 0, result.output
    (line,) = (line for line in result.output.splitlines() if line.startswith("IMPORTED:"))
    return set(line.split()[1:])


def test_a_run_without_stacks_imports_nothing_of_the_gate(tmp_path: Path) -> None:
    write_tree(tmp_path, {"conftest.py": CONFTEST, "test_mine.py": "def test_mine():\n    assert 1\n"})
    assert imported(tmp_path) == set()


def test_a_test_with_a_plan_imports_what_plans_and_nothing_of_the_report(tmp_path: Path) -> None:
    test = 'def test_mine(plan):\n    assert plan("infra")["aws_dynamodb_table.memory"]["name"] == "memory"\n'
    write_tree(tmp_path, {"conftest.py": CONFTEST, "test_mine.py": test, "infra/main.tf": PROVIDER + table()})
    found = imported(tmp_path, "--plan-engine", "stock")
    assert {"aic_engine", "tftest", "companion_gate._vendor.hcl2", "lark"} <= found
    assert not found & {"boto3", "moto", "rich"}


def test_a_run_that_judges_a_stack_imports_the_report_and_no_aws(tmp_path: Path) -> None:
    write_tree(tmp_path, {"conftest.py": CONFTEST, "infra/main.tf": PROVIDER + table()})
    found = imported(tmp_path, "--stack", "infra", "-k", "parses or plans")
    assert {"rich", "aic_engine"} <= found
    assert not found & {"boto3", "moto"}
