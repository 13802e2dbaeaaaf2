"""The plans of one module with many inputs, by the names of the inputs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache

from companion_gate.errors import GateError
from companion_gate.plan.view import Plan
from companion_gate.terraform.batch import Outcome
from companion_gate.terraform.diagnostics import Diagnostic, TerraformFailed


class PlanCases(Mapping[str, Plan]):
    """``cases["small"]["aws_dynamodb_table.memory"]["ttl[0].enabled"] == True``; see ``refusals`` for the others."""

    def __init__(self, outcomes: Mapping[str, Outcome]) -> None:
        self._outcomes = outcomes
        self._plan = cache(self._view)

    def __getitem__(self, name: str) -> Plan:
        """The plan of a case. Raises TerraformFailed where Terraform refuses it, KeyError for an unknown name."""
        return self._plan(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __contains__(self, name: object) -> bool:
        return name in self._outcomes

    def refusals(self, name: str) -> list[Diagnostic]:
        """The errors of a case that Terraform refuses to plan; empty where it accepts it.

        Raises what stands in the way of an answer: a failed init, an unsafe construct, an input that is not declared.
        """
        outcome = self._outcome(name)
        if isinstance(outcome, TerraformFailed) and outcome.command == "plan" and outcome.returncode == 1:
            return outcome.diagnostics
        if isinstance(outcome, GateError):
            raise outcome
        return []

    def _view(self, name: str) -> Plan:
        outcome = self._outcome(name)
        if isinstance(outcome, GateError):
            raise outcome
        return Plan(outcome)

    def _outcome(self, name: str) -> Outcome:
        if name in self._outcomes:
            return self._outcomes[name]
        close = difflib.get_close_matches(name, self._outcomes, 3, cutoff=0.5)
        hint = f"; close: {', '.join(close)}" if close else f"; the cases are {', '.join(self._outcomes)}"
        raise KeyError(f"no case {name}{hint}")
