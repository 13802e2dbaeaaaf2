"""Plans by the fast lane."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.plan_engine.equality import comparable
from companion_gate.fastlane.lane import FastLane, FastPlan
from companion_gate.terraform.workspace import Workspace

__all__ = ["changes", "comparable", "fast_json"]


def fast_json(lane: FastLane, workspace: Workspace) -> dict[str, Any]:
    """The plan's JSON, which the lane must have made itself."""
    planned = lane.planned(workspace)
    assert isinstance(planned, FastPlan), planned
    plan: dict[str, Any] = json.loads(planned.show)
    return plan


def changes(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each resource will be, by its address."""
    return {each["address"]: each["change"]["after"] for each in plan["resource_changes"]}
