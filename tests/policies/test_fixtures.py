"""Each policy gives the verdict written above each block of its fixture, on HCL through Checkov and on the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Finding, Rule, Verdict
from companion_gate import POLICIES_FOLDER
from companion_gate.checkov.scan import FolderScan, scan
from companion_gate.gate.run import GateRun
from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import generated
from tests.policies.fixtures import FOLDER, Expectation, expectations, folders, verdict_of

EXPECTATIONS = expectations()


@pytest.fixture(scope="session")
def scans(rules: tuple[Rule, ...]) -> dict[Path, FolderScan]:
    return scan(folders(), POLICIES_FOLDER, rules)[0]


@pytest.fixture(scope="session")
def fixtures_plan(terraform_session: TerraformSession) -> Plan:
    """All fixtures in one root and one plan, each called as a module of its own name."""
    calls = "".join(f'module "{folder.name}" {{\n  source = "./fixtures/{folder.name}"\n}}\n' for folder in folders())
    root = f'provider "aws" {{\n  region = "eu-central-1"\n}}\n{calls}'
    workspace = generated({"main.tf": root}, {"fixtures": FOLDER}, terraform_session.new_folder())
    return Plan(make_plan(workspace, terraform_session))


@pytest.fixture(scope="session")
def plan_findings(fixtures_plan: Plan, rules: tuple[Rule, ...], gate_run: GateRun) -> dict[str, list[Finding]]:
    """Findings on the plan by fixture."""
    found: dict[str, list[Finding]] = {folder.name: [] for folder in folders()}
    for rule in rules:
        for finding in gate_run.judge(rule, fixtures_plan):
            found[finding.address.split(".")[1]].append(finding)
    return found


@pytest.mark.parametrize("expected", EXPECTATIONS, ids=str)
def test_verdict_on_hcl(expected: Expectation, scans: dict[Path, FolderScan]) -> None:
    findings = scans[FOLDER / expected.fixture].findings
    assert verdict_of(findings, expected.rule_id, expected.block) is expected.on_hcl


@pytest.mark.parametrize("expected", EXPECTATIONS, ids=str)
def test_verdict_on_plan(expected: Expectation, plan_findings: dict[str, list[Finding]]) -> None:
    findings = plan_findings[expected.fixture]
    assert verdict_of(findings, expected.rule_id, expected.block) is expected.on_plan


def test_scan_of_fixtures_is_complete(scans: dict[Path, FolderScan]) -> None:
    assert {folder.name: result.faults for folder, result in scans.items() if result.faults} == {}


def test_every_policy_with_a_fixture_has_one_that_passes_and_one_that_fails(rules: tuple[Rule, ...]) -> None:
    seen = {(each.fixture, each.on_hcl) for each in EXPECTATIONS}
    named = {rule.name for rule in rules} & {each.fixture for each in EXPECTATIONS}
    wanted = {(name, verdict) for name in named for verdict in (Verdict.PASS, Verdict.FAIL)}
    assert wanted - seen == set()


def test_hcl_never_passes_what_the_plan_fails() -> None:
    wrong = {each.block for each in EXPECTATIONS if (each.on_hcl, each.on_plan) == (Verdict.PASS, Verdict.FAIL)}
    assert wrong == set()


def test_a_failing_finding_says_what_to_do_and_where(plan_findings: dict[str, list[Finding]]) -> None:
    failures = [finding for found in plan_findings.values() for finding in found if finding.verdict is Verdict.FAIL]
    assert failures
    for finding in failures:
        assert finding.expected
        assert finding.actual
        assert finding.cure
        assert finding.file is not None
        assert finding.file.endswith("main.tf")
        assert finding.line is not None
