"""Marks that a conftest puts on the gate's questions: none of them makes a run green."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree

CONFTEST = """
import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "memory-ttl-enabled" in item.nodeid:
            item.add_marker(pytest.mark.{mark})
"""


@pytest.mark.parametrize("mark", ["skip", "xfail"])
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "worker"])
def test_a_marked_question_is_no_answer(tmp_path: Path, mark: str, workers: tuple[str, ...]) -> None:
    files = {"infra/main.tf": PROVIDER + table(ttl="false"), "conftest.py": CONFTEST.format(mark=mark)}
    result = run_gate(write_tree(tmp_path, files), "--stack", "infra", *workers)
    assert result.code == 1
    assert "GATE FAILED" in result.output
    if mark == "skip":
        assert (
            "2 questions were skipped or expected to fail; take the mark away from infra::hcl::memory" in result.output
        )
