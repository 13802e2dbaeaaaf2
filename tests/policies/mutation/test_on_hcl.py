"""Each way to weaken a stack that a policy declares is noticed in its HCL, or left to the plan: never passed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from aic_engine.graph import Graph
from aic_engine.rule import Rule, Verdict
from aic_engine.weakening import Weakening
from tests.conftest import REPOSITORY
from tests.policies.mutation import BREAKS, REFERENCE, names, on_hcl

ROOTS = (REFERENCE, *(REPOSITORY / "examples" / name for name in ("voice-companion", "sagemaker-companion")))


@cache
def _graph(root: Path) -> Graph:
    return on_hcl.read(root)


@pytest.mark.parametrize(("rule", "weakening"), BREAKS, ids=names())
def test_a_weakened_stack_is_not_passed(rule: Rule, weakening: Weakening) -> None:
    mutants = [(root, mutant) for root in ROOTS for mutant in on_hcl.mutants(weakening, _graph(root))]
    assert mutants, "none of the stacks has what it weakens"
    survived = [f"{root.name}: {mutant.place}" for root, mutant in mutants if not _is_noticed(rule, root, mutant)]
    assert survived == []


@pytest.mark.parametrize(("rule", "weakening"), BREAKS, ids=names())
def test_a_weakened_stack_written_in_one_root_fails(rule: Rule, weakening: Weakening) -> None:
    """Where everything is written out, nothing needs a plan."""
    mutants = on_hcl.mutants(weakening, _graph(REFERENCE))
    noticed = _is_noticed if rule.only_on_plan else _fails
    survived = [mutant.place for mutant in mutants if not noticed(rule, REFERENCE, mutant)]
    assert survived == []


def _verdicts(rule: Rule, graph: Graph) -> dict[str, Verdict]:
    return {finding.address: finding.verdict for finding in rule.evaluate(graph)}


def _is_noticed(rule: Rule, root: Path, mutant: on_hcl.Mutant) -> bool:
    before, after = _verdicts(rule, _graph(root)), _verdicts(rule, on_hcl.read(root, mutant.texts))
    return any(verdict in (Verdict.FAIL, Verdict.UNKNOWN) for verdict in after.values()) and (
        Verdict.FAIL in after.values() or after != before or Verdict.UNKNOWN in before.values()
    )


def _fails(rule: Rule, root: Path, mutant: on_hcl.Mutant) -> bool:
    return Verdict.FAIL in _verdicts(rule, on_hcl.read(root, mutant.texts)).values()
