"""One root trips every policy, and one trips none; on HCL through Checkov, and on the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Finding, Rule, Verdict
from companion_gate import POLICIES_FOLDER
from companion_gate.checkov.scan import FolderScan, scan
from companion_gate.gate.run import GateRun
from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import placed
from tests.policies.mutation import REFERENCE

WRONG = Path(__file__).with_name("everything_wrong")


@pytest.fixture(scope="module")
def scans(rules: tuple[Rule, ...]) -> dict[Path, FolderScan]:
    return scan([WRONG, REFERENCE], POLICIES_FOLDER, rules)[0]


def _on_plan(folder: Path, rules: tuple[Rule, ...], run: GateRun, session: TerraformSession) -> list[Finding]:
    plan = Plan(make_plan(placed(folder, session.new_folder()), session))
    return [finding for rule in rules for finding in run.judge(rule, plan)]


def _names(findings: list[Finding], *verdicts: Verdict) -> set[str]:
    return {finding.name for finding in findings if finding.verdict in verdicts}


def test_every_policy_fails_where_everything_is_wrong(
    rules: tuple[Rule, ...], scans: dict[Path, FolderScan], gate_run: GateRun, terraform_session: TerraformSession
) -> None:
    everything = {rule.name for rule in rules}
    only_on_plan = {rule.name for rule in rules if rule.only_on_plan}
    assert scans[WRONG].faults == []
    assert everything - _names(scans[WRONG].findings, Verdict.FAIL) <= only_on_plan
    assert everything - _names(_on_plan(WRONG, rules, gate_run, terraform_session), Verdict.FAIL) == set()


def test_no_policy_fails_on_the_reference_stack_and_each_is_asked(
    rules: tuple[Rule, ...], scans: dict[Path, FolderScan], gate_run: GateRun, terraform_session: TerraformSession
) -> None:
    everything = {rule.name for rule in rules}
    planned = _on_plan(REFERENCE, rules, gate_run, terraform_session)
    assert scans[REFERENCE].faults == []
    assert _names(scans[REFERENCE].findings, Verdict.FAIL, Verdict.UNKNOWN) == set()
    assert _names(planned, Verdict.FAIL, Verdict.UNKNOWN) == set()
    assert _names(planned, Verdict.PASS) == everything


def test_every_failure_says_what_is_wrong_and_what_to_do(scans: dict[Path, FolderScan]) -> None:
    for finding in scans[WRONG].findings:
        if finding.verdict is Verdict.FAIL:
            assert finding.expected, finding.name
            assert finding.actual, finding.name
            assert finding.cure, finding.name
            assert "\n" not in finding.message
