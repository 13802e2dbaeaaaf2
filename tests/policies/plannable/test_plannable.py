"""Terraform plans each weakened stack without a word, and the policy that owns the weakening fails it."""

from __future__ import annotations

import pytest

from aic_engine.rule import Rule, Verdict
from aic_engine.weakening import Weakening
from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import placed
from tests.policies.mutation import BREAKS, REFERENCE, names, on_hcl, written_out


@pytest.mark.parametrize(("rule", "weakening"), BREAKS, ids=names())
def test_terraform_plans_what_the_policy_fails(
    rule: Rule, weakening: Weakening, terraform_session: TerraformSession
) -> None:
    mutants = on_hcl.mutants(weakening, on_hcl.read(REFERENCE))
    assert mutants, "the reference stack has nothing that it weakens"
    folder = written_out(mutants[0].texts, terraform_session.new_folder())
    plan = Plan(make_plan(placed(folder, terraform_session.new_folder()), terraform_session))
    failed = [finding.address for finding in rule.evaluate(plan.graph) if finding.verdict is Verdict.FAIL]
    assert failed, f"{mutants[0].place} is planned, and passed"
