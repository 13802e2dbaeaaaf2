"""The README examples of the modules, and what planning them says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from companion_gate.errors import GateError
from companion_gate.terraform.batch import Outcome, PlanRun

from .roots import MODULES

EXAMPLES = {
    label: block
    for readme in sorted(MODULES.glob("*/README.md"))
    for block in re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL)
    for label in re.findall(r'^module "(\w+)"', block, re.MULTILINE)
}
"""HCL by the label of the module call."""


class ExamplePlans(Mapping[str, PlanRun]):
    """The plan of each example by its label; the error of one does not hide the others."""

    def __init__(self, outcomes: Mapping[str, Outcome]) -> None:
        self._outcomes = outcomes

    def __getitem__(self, label: str) -> PlanRun:
        """Raises GateError where Terraform refuses the example."""
        outcome = self._outcomes[label]
        if isinstance(outcome, GateError):
            raise outcome
        return outcome

    def __iter__(self) -> Any:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)


def values_of(plans: ExamplePlans, label: str, type_: str) -> dict[str, dict[str, Any]]:
    """Planned values of every resource of a type in an example, by address."""
    changes = plans[label].json["resource_changes"]
    return {change["address"]: change["change"]["after"] for change in changes if change["type"] == type_}


def contract(plans: ExamplePlans, label: str) -> dict[str, Any]:
    """The capacity contract of an example's module, known at plan time."""
    value: dict[str, Any] = plans[label].json["planned_values"]["outputs"]["capacity_contract"]["value"]
    return value
