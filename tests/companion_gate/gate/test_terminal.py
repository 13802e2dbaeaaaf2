"""What a person reads at the end of a run: short, unless all of it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion_gate.gate.running import PROVIDER, GateResult, run_gate, table, write_tree

FAILED = "CKV_AIC_MEM_001 memory-ttl-enabled (HIGH): DynamoDB memory expires: TTL is enabled"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("terminal"), {"infra/main.tf": PROVIDER + table(ttl="false")})


@pytest.fixture(scope="module", params=[(), ("-n", "1")], ids=["alone", "worker"])
def result(request: pytest.FixtureRequest, folder: Path) -> GateResult:
    # `-v` of the runner and `-q` make pytest's usual verbosity.
    arguments = ("--stack", "infra", "-q", "--junitxml", "gate.xml", *request.param)
    return run_gate(folder, *arguments, env={"CI": "true"})


def test_only_policies_that_want_something_have_a_row(result: GateResult) -> None:
    rows = [line.split()[0] for line in result.output.splitlines() if " CKV_AIC_" in line and " / " in line]
    assert rows == ["memory-ttl-enabled"]
    assert "not listed without -v: " in result.output
    assert " hold" in result.output


def test_summary_has_one_line_for_a_failure(result: GateResult) -> None:
    summary = result.output.partition("short test summary info")[2].strip().splitlines()
    assert [line for line in summary if "memory-ttl" in line] == [
        f"FAILED infra::{part}::memory-ttl-enabled - {FAILED}" for part in ("hcl", "plan")
    ]
    assert not [line for line in summary if "fix:" in line]


def test_reason_is_whole_in_its_place(result: GateResult, folder: Path) -> None:
    reason = result.reason("infra::hcl::memory-ttl-enabled")
    assert "infra/main.tf:" in reason
    assert "fix:" in reason
    assert "fix:" in (folder / "gate.xml").read_text(encoding="utf-8")
