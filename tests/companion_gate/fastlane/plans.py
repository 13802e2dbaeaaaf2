"""Plans by the fast lane, and what of a plan's JSON may differ between two runs."""

from __future__ import annotations

import json
from typing import Any

from companion_gate.fastlane.lane import FastLane, FastPlan
from companion_gate.terraform.workspace import Workspace


def fast_json(lane: FastLane, workspace: Workspace) -> dict[str, Any]:
    """The plan's JSON, which the lane must have made itself."""
    planned = lane.planned(workspace)
    assert isinstance(planned, FastPlan), planned
    plan: dict[str, Any] = json.loads(planned.show)
    return plan


def comparable(plan: dict[str, Any]) -> dict[str, Any]:
    """All of a plan but its time; the relevant attributes have no order."""
    compared = {key: value for key, value in plan.items() if key != "timestamp"}
    attributes = compared.get("relevant_attributes", [])
    compared["relevant_attributes"] = sorted(json.dumps(each, sort_keys=True) for each in attributes)
    return compared


def changes(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each resource will be, by its address."""
    return {each["address"]: each["change"]["after"] for each in plan["resource_changes"]}
