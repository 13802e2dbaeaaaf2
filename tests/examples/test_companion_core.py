"""The example plans as it is, with no input but its own, and gives its roles what the modules grant."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.modules.roots import MODULES, OFFLINE_PROVIDER, REPOSITORY, planned, run_terraform


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The plan of a copy, whose provider asks nothing of AWS."""
    top = tmp_path_factory.mktemp("companion-core")
    (top / "modules").symlink_to(MODULES)
    root = top / "examples" / "companion-core"
    shutil.copytree(REPOSITORY / "examples/companion-core", root, ignore=shutil.ignore_patterns(".terraform*"))
    offline = {name: value for name, value in OFFLINE_PROVIDER.items() if name != "region"}
    (root / "offline_override.tf.json").write_text(json.dumps({"provider": {"aws": offline}}))
    # Policies are unknown before the account exists, so the plan shows what the grants are by an output.
    (root / "grants.tf.json").write_text(json.dumps({"output": {"sids": {"value": _SIDS}}}))
    result = run_terraform(["init", "-backend=false", "-input=false", "-no-color"], root)
    assert result.returncode == 0, result.stderr
    validated = run_terraform(["validate", "-no-color"], root)
    assert "Success! The configuration is valid." in validated.stdout
    return planned(root)


_SIDS = "${{ for role, grants in local.app_grants : role => grants[*].sid }}"


def test_the_four_modules_are_wired_together(plan: dict[str, Any]) -> None:
    modules = Counter(
        change["address"].split(".")[1]
        for change in plan["resource_changes"]
        if change["address"].startswith("module.")
    )
    assert set(modules) == {"moderation", "memory_hot", "memory_vectors", "inference_endpoint"}
    assert all(change["change"]["actions"] == ["create"] for change in plan["resource_changes"])


def test_statements_of_a_role_have_names_of_their_own(plan: dict[str, Any]) -> None:
    # IAM refuses a policy in which a Sid is repeated.
    roles = plan["planned_values"]["outputs"]["sids"]["value"]
    assert set(roles) == {"worker", "eraser"}
    assert all(set(Counter(sids).values()) == {1} for sids in roles.values())
    assert "DenyInvokeWithoutGuardrail" in roles["worker"]


def test_contracts_and_alarms_are_known_before_anything_exists(plan: dict[str, Any]) -> None:
    outputs = plan["planned_values"]["outputs"]
    contracts = outputs["capacity_contracts"]["value"]
    assert contracts["memory_hot"]["erasure_window_days"] == 7
    assert contracts["inference_endpoint"]["max_instances"] == 10
    assert contracts["memory_vectors"]["engine"] == "domain"
    assert len(outputs["alarms"]["value"]) == 15


def test_the_readme_names_every_module_that_is_deployed() -> None:
    readme = (Path(REPOSITORY) / "examples/companion-core/README.md").read_text()
    for module in ("moderation", "memory-hot", "memory-vectors", "inference-endpoint"):
        assert f"`modules/{module}`" in readme
