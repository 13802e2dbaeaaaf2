"""A folder of policies that is not whole: Checkov would go on without what it cannot load, the gate does not start."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aic_engine.loader import ENGINE_FOLDER
from companion_gate import POLICIES_FOLDER
from tests.companion_gate.gate.running import run_gate, table, write_tree

NEW = "memory/memory_another.py"
TTL = "memory/memory_ttl_enabled.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good stack, and a copy of the policies to break."""
    shutil.copytree(POLICIES_FOLDER, tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    return write_tree(tmp_path, {"infra/main.tf": table()})


def empty(policies: Path) -> None:
    shutil.rmtree(policies)
    policies.mkdir()


def without_rules(policies: Path) -> None:
    for area in policies.iterdir():
        if area.is_dir() and area.name != ENGINE_FOLDER:
            shutil.rmtree(area)


def adding(text: str) -> Callable[[Path], object]:
    return lambda policies: (policies / NEW).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (shutil.rmtree, "policies does not exist; pass the folder that holds the policy files"),
        (empty, "policies has no checkov_checks.py: Checkov would load none of its policies; restore that file"),
        (without_rules, "no policy found below "),
        (
            lambda policies: (policies / "__init__.py").unlink(),
            "policies has no __init__.py: Checkov would skip it",
        ),
        (adding("import no_such_module\n"), f"{NEW} does not import: ModuleNotFoundError: No module named 'no_such_"),
        (adding("x = 1\ny = (\n"), f"{NEW}:2 does not import: SyntaxError"),
        (adding("x = 1\n"), f"{NEW} defines no RULE; end it with RULE = Rule(…)"),
        (
            lambda policies: shutil.copy(policies / TTL, policies / NEW),
            "policy id CKV_AIC_MEM_001 is used twice",
        ),
        (
            lambda policies: (policies / "memory/limits.yaml").write_text("limit: 1\n"),
            "memory/limits.yaml: Checkov would run this data file as a policy; move it out",
        ),
    ],
    ids=["missing", "empty", "no-rules", "no-init", "no-module", "syntax", "no-rule", "same-id", "data"],
)
def test_gate_does_not_start_with_broken_policies(
    folder: Path, damage: Callable[[Path], object], sentence: str
) -> None:
    damage(folder / "policies")
    result = run_gate(folder, "--stack", "infra", "--policies", "policies")
    assert result.code == 4
    assert sentence in result.output
    assert "GATE PASSED" not in result.output


def test_policy_that_raises_is_red_and_named(folder: Path) -> None:
    text = (folder / "policies" / TTL).read_text().replace("CKV_AIC_MEM_001", "CKV_AIC_MEM_099")
    text = text.replace("memory-ttl-enabled", "memory-raises")
    body = "    enabled = require("
    assert body in text
    (folder / "policies" / NEW).write_text(text.replace(body, f'    raise KeyError("boom")\n{body}'))
    result = run_gate(folder, "--stack", "infra", "--policies", "policies", "-k", "hcl")
    assert result.code == 1
    reason = "policy CKV_AIC_MEM_099 (memory-raises) raised KeyError('boom') on aws_dynamodb_table.memory"
    assert result.reason("infra::hcl::scan-complete") == reason
    assert "infra::hcl::memory-raises" in result.failed


def test_policies_that_checkov_does_not_load_are_red(folder: Path) -> None:
    (folder / "policies" / "checkov_checks.py").write_text('"""Loads nothing."""\n')
    result = run_gate(folder, "--stack", "infra", "--policies", "policies", "-k", "hcl")
    assert result.code == 1
    assert "Checkov did not load the policies in " in result.reason("infra::hcl::scan-complete")
    assert result.failed == set(result.verdicts)
