"""What one front end may settle for the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aic_engine.rule import Finding, Rule, Verdict
from companion_gate.gate.judgement import NotGood, Status, judge_plan

BLOCK = "aws_bedrock_guardrail_version.this"


@pytest.fixture
def rule(rules: tuple[Rule, ...]) -> Rule:
    return next(rule for rule in rules if rule.name == "guardrail-version-follows-policy")


@pytest.fixture
def undecided(rule: Rule) -> Finding:
    """What a plan says of a block when it cannot tell."""
    return Finding(
        rule_id=rule.id,
        name=rule.name,
        severity=rule.severity,
        title=rule.title,
        verdict=Verdict.UNKNOWN,
        resource_type="aws_bedrock_guardrail_version",
        address=f"module.a.{BLOCK}",
        block=BLOCK,
        path="description",
        expected="a digest",
        actual="unknown",
        cure="decide it on the HCL",
        file="modules/moderation/main.tf",
        line=1,
        root=None,
    )


def test_a_pass_on_hcl_settles_what_the_plan_cannot_tell(rule: Rule, undecided: Finding) -> None:
    on_hcl = [replace(undecided, verdict=Verdict.PASS)]
    assert judge_plan(rule, [undecided], on_hcl).status is Status.UNDECIDED


def test_what_neither_can_tell_fails(rule: Rule, undecided: Finding) -> None:
    with pytest.raises(NotGood, match="expected: a digest"):
        judge_plan(rule, [undecided], [undecided])


def test_a_pass_for_one_call_of_a_module_does_not_settle_another_call(rule: Rule, undecided: Finding) -> None:
    on_hcl = [replace(undecided, verdict=Verdict.PASS), replace(undecided, address=f"module.b.{BLOCK}")]
    with pytest.raises(NotGood, match="expected: a digest"):
        judge_plan(rule, [undecided], on_hcl)
