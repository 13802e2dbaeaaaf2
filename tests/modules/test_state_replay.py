"""What a change does to what already runs: planned by the real provider over a hand-made state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .cases import inference_endpoint, memory_hot, memory_vectors, moderation
from .deployed import deploy
from .roots import initialise, planned, write_root

_OTHER_IMAGE = f"{inference_endpoint.REPOSITORY}@sha256:{'f' * 64}"
# Module, and the inputs before and after the change; the state holds each call under a name of its own.
CHANGES: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "policy_kept": ("moderation", moderation.SUITE.base, {"tags": {"team": "safety"}}),
    "policy_changed": ("moderation", moderation.SUITE.base, {"blocked_words": ["forbidden"]}),
    "image_kept": ("inference-endpoint", inference_endpoint.BASE, {"tags": {"team": "models"}}),
    "image_changed": (
        "inference-endpoint",
        inference_endpoint.BASE,
        {"model": {**inference_endpoint.BASE["model"], "image": _OTHER_IMAGE}},
    ),
    "tables": (
        "memory-hot",
        memory_hot.SUITE.base,
        {
            "retention_days": 30,
            "pitr_days": 35,
            "max_request_units": {"read": 100, "write": 100},
            "break_glass_reason": "CMP-1234: account is closed",
            "tags": {"team": "memory"},
        },
    ),
    "domain": (
        "memory-vectors",
        memory_vectors.BASE,
        {
            "dimension": 256,
            "domain": {**memory_vectors.BASE["domain"], "engine_version": "OpenSearch_3.1", "instance_count": 6},
        },
    ),
}
Changes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Changes:
    """The change of each resource by address, in one plan of all cases."""
    root = tmp_path_factory.mktemp("replay")
    write_root(root, {name: (module, before) for name, (module, before, _) in CHANGES.items()})
    initialise(root)
    deploy(root)
    write_root(root, {name: (module, {**before, **after}) for name, (module, before, after) in CHANGES.items()})
    return {change["address"]: change["change"] for change in planned(root)["resource_changes"]}


def test_a_changed_policy_publishes_a_new_version_before_the_old_one_goes(changes: Changes) -> None:
    version = changes["module.policy_changed.aws_bedrock_guardrail_version.this"]
    assert version["actions"] == ["create", "delete"]
    assert version["replace_paths"] == [["description"]]
    assert version["before"]["description"] != version["after"]["description"]
    guardrail = changes["module.policy_changed.aws_bedrock_guardrail.this"]
    assert guardrail["actions"] == ["update"]
    assert guardrail["after"]["description"] == version["after"]["description"]


def test_an_unchanged_policy_publishes_nothing(changes: Changes) -> None:
    assert changes["module.policy_kept.aws_bedrock_guardrail.this"]["after"]["tags"] == {"team": "safety"}
    assert changes["module.policy_kept.aws_bedrock_guardrail_version.this"]["actions"] == ["no-op"]


def test_a_changed_image_rolls_out_on_the_endpoint_that_runs(changes: Changes) -> None:
    prefix = "module.image_changed.aws_sagemaker"
    model = changes[f"{prefix}_model.this"]
    assert model["actions"] == ["create", "delete"]
    assert ["primary_container", 0, "image"] in model["replace_paths"]
    assert model["before"]["name"] != model["after"]["name"]
    assert changes[f"{prefix}_endpoint_configuration.this"]["actions"] == ["create", "delete"]
    endpoint = changes[f"{prefix}_endpoint.this"]
    assert endpoint["actions"] == ["update"]
    assert endpoint["after_unknown"]["endpoint_config_name"] is True


def test_an_unchanged_image_is_not_rolled_out(changes: Changes) -> None:
    prefix = "module.image_kept.aws_sagemaker"
    assert changes[f"{prefix}_model.this"]["actions"] == ["update"]
    assert changes[f"{prefix}_endpoint_configuration.this"]["actions"] == ["update"]
    endpoint = changes[f"{prefix}_endpoint.this"]
    assert endpoint["after"]["endpoint_config_name"] == endpoint["before"]["endpoint_config_name"]


@pytest.mark.parametrize("table", ["memory", "connections", "state"])
def test_no_input_replaces_a_table(table: str, changes: Changes) -> None:
    change = changes[f"module.tables.aws_dynamodb_table.{table}"]
    assert change["actions"] == ["update"]
    assert change["after"]["deletion_protection_enabled"] is False


def test_a_larger_and_newer_domain_is_the_same_domain(changes: Changes) -> None:
    change = changes['module.domain.module.domain["domain"].aws_opensearch_domain.this']
    assert change["actions"] == ["update"]
    assert change["after"]["engine_version"] == "OpenSearch_3.1"
