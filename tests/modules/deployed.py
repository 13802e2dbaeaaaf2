"""A root as it would be after an apply: its state, made from plans until nothing is left to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .computed import COMPUTED
from .replay import write_state
from .roots import planned

Plan = dict[str, Any]
# What is unknown in one plan depends on what was unknown in the one before.
_MOST_ROUNDS = 6


def deploy(root: Path) -> Plan:
    """Writes the state of an initialised root as if it had been applied; gives the plan over it, which has no change.

    Begins with the state that lies in the root, if one does. Fails where a resource has a type whose computed
    attributes nobody wrote down, and where plans do not settle.
    """
    plan = planned(root)
    for _ in range(_MOST_ROUNDS):
        unknown = {resource["type"] for resource in plan["resource_changes"]} - set(COMPUTED)
        assert not unknown, f"write in tests/modules/computed.py what only AWS knows of {sorted(unknown)}"
        if not changed(plan):
            return plan
        write_state(plan, COMPUTED, root)
        plan = planned(root)
    raise AssertionError(f"still to be changed after {_MOST_ROUNDS} plans: {changed(plan)}")


def changed(plan: Plan) -> dict[str, list[str]]:
    """The actions of every resource that the plan would touch, by address."""
    actions = {change["address"]: change["change"]["actions"] for change in plan["resource_changes"]}
    return {address: action for address, action in actions.items() if action != ["no-op"]}


def values(plan: Plan, type_: str) -> dict[str, Mapping[str, Any]]:
    """What the resources of a type will be, by address."""
    return {
        change["address"]: change["change"]["after"]
        for change in plan["resource_changes"]
        if change["type"] == type_ and change["change"]["after"] is not None
    }
