"""Every rule that a module adds to Terraform's own refuses what it must, and nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

import pytest

from companion_gate.fixtures import PlanManyCases
from companion_gate.hcl.documents import Block, read_module
from companion_gate.plan.cases import PlanCases

from .cases import SUITES
from .roots import MODULES
from .suites import Case

Outcomes = Callable[[str], PlanCases]
_RULES = ("validation", "precondition", "postcondition")


@pytest.fixture(scope="session")
def outcomes(plan_cases: PlanManyCases) -> Outcomes:
    """A module's cases, planned together."""

    @functools.cache
    def of(module: str) -> PlanCases:
        return plan_cases(MODULES / module, SUITES[module].inputs)

    return of


def _cases() -> list[object]:
    return [
        pytest.param(module, case, id=f"{module}-{case.name}")
        for module, suite in SUITES.items()
        for case in suite.cases
    ]


@pytest.mark.parametrize(("module", "case"), _cases())
def test_inputs(module: str, case: Case, outcomes: Outcomes) -> None:
    texts = [f"{refusal.summary}: {refusal.detail}" for refusal in outcomes(module).refusals(case.name)]
    if case.message is None:
        assert texts == []
    else:
        assert any(case.message in text for text in texts), texts or "accepted"


def _rules(blocks: Iterable[Block]) -> Iterator[tuple[str, int]]:
    for block in blocks:
        if block.kind in _RULES:
            condition = block.attribute("condition")
            # Terraform points to a validation as a whole, and to the condition of the others.
            yield block.file.name, block.line if block.kind == "validation" or condition is None else condition.line
        yield from _rules(block.blocks)


@pytest.mark.parametrize("module", SUITES)
def test_every_rule_has_a_case_that_it_refuses(module: str, outcomes: Outcomes) -> None:
    folders = {file.parent for file in (MODULES / module).rglob("*.tf")}
    written = {rule for folder in folders for file in read_module(folder).files for rule in _rules(file.blocks)}
    refused = {
        (refusal.file.name, refusal.line)
        for case in SUITES[module].cases
        for refusal in outcomes(module).refusals(case.name)
        if refusal.file is not None and case.message is not None and case.message in refusal.detail
    }
    assert written
    assert written - refused == set()


def test_every_module_has_a_suite() -> None:
    assert {folder.name for folder in MODULES.iterdir() if any(folder.glob("*.tf"))} == set(SUITES)
