"""The pytest nodes of a stack, which lead to its questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.gate.items import (
    Decided,
    Parses,
    Part,
    Plans,
    PolicyOnHcl,
    PolicyOnPlan,
    SafeToPlan,
    ScanComplete,
    Unplannable,
    WaiversHold,
)
from companion_gate.gate.run import RUN, GateRun
from companion_gate.gate.stack import Case, cases_of, stack_above
from companion_gate.hcl.documents import read_module
from companion_gate.terraform.configuration import module_closure


class Stack(pytest.Directory):
    """One Terraform root or module. Stacks below it are its children, since pytest walks from folder to folder."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        stack = self.path.resolve()
        yield from self._questions(stack, self.config.stash[RUN])
        for below in self.config.stash[RUN].options.stacks:
            if stack_above(below, self.config.stash[RUN].options.stacks) == stack:
                yield Stack.from_parent(self, path=below)

    def _questions(self, stack: Path, run: GateRun) -> Iterator[pytest.Item | pytest.Collector]:
        yield Parses.from_parent(self, name="parses", stack=stack)
        try:
            for folder in module_closure(stack):
                read_module(folder)
        except GateError:
            return  # the item above says it; nothing else can be asked
        yield SafeToPlan.from_parent(self, name="safe-to-plan", stack=stack)
        yield Part.from_parent(self, name="hcl", children=lambda part: _hcl_items(part, stack, run))
        try:
            cases = cases_of(stack)
        except GateError as error:
            yield Unplannable.from_parent(self, name="plan", stack=stack, question=str(error))
            return
        for case in cases:
            yield Part.from_parent(self, name=case.name, children=lambda part, case=case: _plan_items(part, case, run))
        yield Decided.from_parent(self, name="decided", stack=stack, cases=cases)
        if run.waivers.of(stack):
            yield WaiversHold.from_parent(self, name="waivers", stack=stack, cases=cases)


def _hcl_items(part: Part, stack: Path, run: GateRun) -> Iterator[pytest.Item]:
    yield ScanComplete.from_parent(part, name="scan-complete", stack=stack)
    for rule in run.rules:
        yield PolicyOnHcl.from_parent(part, name=rule.name, stack=stack, rule=rule)


def _plan_items(part: Part, case: Case, run: GateRun) -> Iterator[pytest.Item]:
    yield Plans.from_parent(part, name="plans", stack=case.stack, case=case)
    for rule in run.rules:
        yield PolicyOnPlan.from_parent(part, name=rule.name, stack=case.stack, rule=rule, case=case)
