"""A good stack passes, and every habit of pytest works on it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from aic_engine.profiles import select
from companion_gate import POLICIES_FOLDER
from companion_gate.gate.run import load_policies
from tests.companion_gate.gate.running import PROVIDER, GateResult, run_gate, table, write_tree

GOOD = {"infra/prod/main.tf": PROVIDER + table()}
ONE_BAD = {"s/bad/main.tf": "resource {\n", "s/good/main.tf": table(), "s/last/main.tf": table()}


POLICIES = len(select(load_policies(POLICIES_FOLDER), "baseline"))
OWN = ("parses", "safe-to-plan", "scan-complete", "plans", "decided")
"""What is asked of a stack with one plan beside its policies."""

ALL = 2 * POLICIES + len(OWN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("green"), GOOD)


@pytest.fixture(scope="module")
def result(folder: Path) -> GateResult:
    return run_gate(folder, "--stack", "infra/prod", "--junitxml", "report.xml")


def test_is_green(result: GateResult) -> None:
    assert result.code == 0, result.output
    assert not result.failed
    for item in (
        "infra/prod::parses",
        "infra/prod::safe-to-plan",
        "infra/prod::hcl::scan-complete",
        "infra/prod::hcl::memory-ttl-enabled",
        "infra/prod::plan::plans",
        "infra/prod::plan::memory-pitr-enabled",
        "infra/prod::decided",
    ):
        assert result.verdicts[item] == "PASSED"
    assert result.verdicts["infra/prod::plan::vectors-https-only"] == "NOT APPLICABLE"


def test_verdict_says_what_was_checked_and_how(result: GateResult) -> None:
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    none = sum(word == "NOT APPLICABLE" for word in result.verdicts.values())
    assert any(line.startswith(f"infra/prod {ALL} {none} none 1 of 1 1 0 ") for line in lines)
    assert "memory-ttl-enabled CKV_AIC_MEM_001 HIGH 1 / 0 / 0 1 / 0 / 0" in lines
    assert "vectors-https-only CKV_AIC_VEC_001 CRITICAL none none" in lines
    assert "AWS: embedded" in lines
    assert any(line.startswith("terraform: 1.") for line in lines)
    assert any(line.startswith("providers: registry.terraform.io/hashicorp/aws ") for line in lines)
    passed = sum(word == "PASSED" for word in result.verdicts.values())
    assert f"GATE PASSED: 1 stack, {ALL} questions, {passed - len(OWN)} policy decisions" in lines


def test_junit_report_has_every_item(result: GateResult, folder: Path) -> None:
    cases = list(ElementTree.parse(folder / "report.xml").iter("testcase"))  # noqa: S314 - our own file
    assert {case.get("name") for case in cases} >= {"parses", "scan-complete", "plans", "memory-ttl-enabled"}
    assert len(cases) == len(result.verdicts) == ALL


def test_nothing_is_written_beside_the_sources(result: GateResult, folder: Path) -> None:
    assert result.code == 0
    assert [path.name for path in (folder / "infra" / "prod").iterdir()] == ["main.tf"]


def test_workers_give_the_same_verdict(tmp_path: Path) -> None:
    files = {"infra/good/main.tf": table(), "infra/bad/main.tf": table(ttl="false")}
    result = run_gate(write_tree(tmp_path, files), "--stack", "infra", "-k", "hcl", "-n", "2")
    assert result.code == 1
    assert len(result.verdicts) == 2 * (POLICIES + 1)
    assert result.failed == {"infra/bad::hcl::memory-ttl-enabled"}
    assert f"GATE FAILED: 1 failed of 2 stacks, {2 * (POLICIES + 1)} questions, " in result.output


def test_workers_with_a_good_stack_are_green(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, GOOD), "--stack", "infra/prod", "-k", "parses or safe", "-n", "2")
    assert result.code == 0, result.output


def test_collect_only_lists_the_questions(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, GOOD), "--stack", "infra/prod", "--collect-only", "-qq")
    assert result.code == 0
    assert "infra/prod::hcl::memory-ttl-enabled\n" in result.output
    assert f"{ALL} tests collected" in result.output
    assert "GATE" not in result.output


def test_selection_is_never_called_a_passed_gate(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, GOOD), "--stack", "infra/prod", "-k", "parses")
    assert result.code == 0
    assert list(result.verdicts) == ["infra/prod::parses"]
    assert "GATE NOT COMPLETE: what was selected passed, but not all was (1 stack, 1 question" in result.output
    assert "GATE PASSED" not in result.output


def test_selection_of_nothing_is_red(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, GOOD), "--stack", "infra/prod", "-k", "no-such-policy")
    assert result.code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "GATE FAILED: nothing was asked; select some questions" in result.output


def test_an_id_that_was_printed_can_be_given_back(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, GOOD), "infra/prod::parses", "infra/prod::hcl::memory-ttl-enabled")
    assert result.code == 0, result.output
    assert list(result.verdicts) == ["infra/prod::parses", "infra/prod::hcl::memory-ttl-enabled"]
    assert "GATE NOT COMPLETE" in result.output


def test_an_id_of_a_part_selects_what_is_in_it(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, GOOD), "infra/prod::hcl", "--collect-only", "-qq")
    assert result.code == 0
    assert "infra/prod::hcl::scan-complete\n" in result.output
    assert "infra/prod::plan" not in result.output


def test_stack_to_which_no_policy_applies_is_not_passed(tmp_path: Path) -> None:
    topic = 'resource "aws_sns_topic" "alarms" {\n  name = "alarms"\n}\n'
    result = run_gate(write_tree(tmp_path, {"infra/prod/main.tf": PROVIDER + topic}), "--stack", "infra/prod")
    assert result.code == 1
    assert "GATE FAILED: no policy applies to anything here, so nothing was judged" in result.output


def test_stack_is_judged_beside_tests(tmp_path: Path) -> None:
    files = {**ONE_BAD, "tests/test_mine.py": "def test_mine():\n    pass\n"}
    result = run_gate(write_tree(tmp_path, files), "--stack", "s", "tests", "-k", "parses or mine")
    assert result.code == 1
    assert "tests/test_mine.py::test_mine PASSED" in result.output
    assert result.verdicts["s/bad::parses"] == "FAILED"


def test_failing_test_beside_a_good_stack_is_no_passed_gate(tmp_path: Path) -> None:
    files = {**GOOD, "tests/test_mine.py": "def test_mine():\n    assert 1 == 2\n"}
    result = run_gate(write_tree(tmp_path, files), "--stack", "infra/prod", "tests", "-k", "parses or mine")
    assert result.code == 1
    assert "GATE FAILED: tests beside the stacks failed" in result.output


def test_x_stops_at_the_first_failure_and_lf_runs_it_again(tmp_path: Path) -> None:
    write_tree(tmp_path, ONE_BAD)
    stopped = run_gate(tmp_path, "--stack", "s", "-k", "parses", "-x")
    assert stopped.code == 1
    assert stopped.verdicts == {"s/bad::parses": "FAILED"}
    write_tree(tmp_path, {"s/bad/main.tf": table()})
    again = run_gate(tmp_path, "--stack", "s", "-k", "parses", "--lf")
    assert again.code == 0
    assert again.verdicts == {"s/bad::parses": "PASSED"}


def test_without_stacks_the_plugin_says_nothing(tmp_path: Path) -> None:
    result = run_gate(write_tree(tmp_path, {"test_mine.py": "def test_mine():\n    pass\n"}))
    assert result.code == 0
    assert "GATE" not in result.output


def test_ini_file_names_the_stacks(tmp_path: Path) -> None:
    files = {**GOOD, "pytest.ini": "[pytest]\ngate_stacks = infra/prod\n", "test_mine.py": "def test_mine(): pass\n"}
    result = run_gate(write_tree(tmp_path, files), "-k", "parses or mine")
    assert result.code == 0, result.output
    only_mine = run_gate(tmp_path, "-k", "mine")
    assert only_mine.code == 0, only_mine.output
    assert "GATE NOT COMPLETE" in only_mine.output
    assert result.verdicts["infra/prod::parses"] == "PASSED"
    assert "test_mine.py::test_mine PASSED" in result.output
