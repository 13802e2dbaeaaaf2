"""Each way to weaken a stack that a policy declares is noticed by that policy, on the plans of real stacks."""

from __future__ import annotations

import pytest

from aic_engine.rule import Rule
from aic_engine.weakening import Weakening
from companion_gate.mutation import on_plan
from companion_gate.mutation.mutate import Fate, fate
from companion_gate.plan import Plan
from tests.policies.mutation import BREAKS, names


@pytest.mark.parametrize(("rule", "weakening"), BREAKS, ids=names())
def test_a_weakened_stack_fails(rule: Rule, weakening: Weakening, stacks: dict[str, Plan]) -> None:
    mutants = [(name, change) for name, plan in stacks.items() for change in on_plan.sites(weakening, plan.graph)]
    assert mutants, "none of the stacks has what it weakens"
    survived = [
        f"{name}: {', '.join(f'{resource.address} {path}' for resource, path, _ in changes)}"
        for name, changes in mutants
        if fate(rule, changes, stacks[name].graph) is not Fate.NOTICED
    ]
    assert survived == []
