"""Every rule that a module adds to Terraform's own refuses what it must, and nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

import pytest

from companion_gate.hcl.documents import Block, read_module

from .cases import SUITES
from .refusals import MODULES, Case, Refusal, refusals

Outcomes = Callable[[str], dict[str, list[Refusal]]]
_RULES = ("validation", "precondition", "postcondition")


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """A module's refusals by case, from one plan of all its cases."""

    @functools.cache
    def of(module: str) -> dict[str, list[Refusal]]:
        return refusals(module, SUITES[module], tmp_path_factory.mktemp(module))

    return of


def _cases() -> list[object]:
    return [
        pytest.param(module, case, id=f"{module}-{case.name}")
        for module, suite in SUITES.items()
        for case in suite.cases
    ]


@pytest.mark.parametrize(("module", "case"), _cases())
def test_inputs(module: str, case: Case, outcomes: Outcomes) -> None:
    texts = [refusal.text for refusal in outcomes(module)[case.name]]
    if case.message is None:
        assert texts == []
    else:
        assert any(case.message in text for text in texts), texts or "accepted"


def _rules(blocks: Iterable[Block]) -> Iterator[tuple[str, int]]:
    for block in blocks:
        if block.kind in _RULES:
            yield block.file.name, block.line
        yield from _rules(block.blocks)


@pytest.mark.parametrize("module", SUITES)
def test_every_rule_has_a_case_that_it_refuses(module: str, outcomes: Outcomes) -> None:
    folders = {file.parent for file in (MODULES / module).rglob("*.tf")}
    written = {rule for folder in folders for file in read_module(folder).files for rule in _rules(file.blocks)}
    refused = {
        refusal.rule
        for case in SUITES[module].cases
        for refusal in outcomes(module)[case.name]
        if case.message is not None and case.message in refusal.text
    }
    assert written
    assert written - refused == set()


def test_every_module_has_a_suite() -> None:
    assert {folder.name for folder in MODULES.iterdir() if any(folder.glob("*.tf"))} == set(SUITES)
