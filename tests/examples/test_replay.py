"""What a change does to a companion that runs: real plans over a deployed state."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.modules.roots import planned

from .deployments import Deployment
from .releases import KEPT

Deployed = Callable[[str], Deployment]
Changes = dict[str, dict[str, Any]]
_FUNCTION = "module.companion.module.turn_handler.aws_lambda_function.this"
_GUARDRAIL = "module.companion.module.moderation.aws_bedrock_guardrail"
# Whoever replaces one of these loses what is in it, or the address that clients and stores know it by.
STATEFUL = {
    "aws_apigatewayv2_api",
    "aws_bedrock_guardrail",
    "aws_cloudfront_distribution",
    "aws_cloudwatch_log_group",
    "aws_dynamodb_table",
    "aws_kms_key",
    "aws_opensearch_domain",
    "aws_opensearchserverless_collection",
    "aws_sagemaker_endpoint",
    "aws_sqs_queue",
}


def _lost(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Stores that a plan would delete or replace."""
    for change in changes:
        if change["type"] in STATEFUL and "delete" in change["change"]["actions"]:
            yield change["address"]


def _altered(deployment: Deployment, top: Path, files: str, edits: Mapping[str, str]) -> Changes:
    """What a deployed example plans when ``files``, a pattern below its top folder, read otherwise; by address."""
    shutil.copytree(deployment.root.parents[1], top, symlinks=True)
    for before, after in edits.items():
        hit = [file for file in top.glob(files) if before in file.read_text()]
        assert hit, before
        for file in hit:
            file.write_text(file.read_text().replace(before, after))
    root = top / "examples" / deployment.root.name
    return {change["address"]: change for change in planned(root)["resource_changes"]}


@pytest.mark.parametrize("example", KEPT)
def test_an_upgrade_from_the_last_release_loses_nothing(example: str, deployed: Deployed) -> None:
    assert list(_lost(deployed(example).upgrade["resource_changes"])) == []


def test_a_store_under_another_address_would_be_noticed(deployed: Deployed, tmp_path: Path) -> None:
    edits = {'"aws_sqs_queue" "turns"': '"aws_sqs_queue" "inbox"', "aws_sqs_queue.turns": "aws_sqs_queue.inbox"}
    changes = _altered(deployed("sagemaker-companion"), tmp_path / "top", "modules/turn-queue/*.tf", edits)
    assert list(_lost(changes.values())) == ["module.companion.module.turn_queue.aws_sqs_queue.turns"]


@pytest.fixture(scope="module")
def changes(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Changes:
    """The voice companion runs; then its model, its guardrail's policy and its retention change in one go."""
    edits = {
        "amazon.nova-lite-v1:0": "amazon.nova-micro-v1:0",
        '"medical advice"': '"advice on medicines"',
        "  voice = {": "  retention = { memory_days = 30, pitr_days = 14 }\n\n  voice = {",
    }
    folder = tmp_path_factory.mktemp("changed") / "top"
    return _altered(deployed("voice-companion"), folder, "examples/voice-companion/main.tf", edits)


def test_a_changed_policy_is_published_and_reaches_the_worker(changes: Changes) -> None:
    version = changes[f"{_GUARDRAIL}_version.this"]["change"]
    assert version["actions"] == ["create", "delete"]
    assert version["before"]["skip_destroy"] is True
    assert changes[f"{_GUARDRAIL}.this"]["change"]["actions"] == ["update"]
    worker = changes[f'{_FUNCTION}["worker"]']["change"]
    assert worker["actions"] == ["update"]
    # The number is known once the version exists; until then the worker keeps the one before.
    assert worker["before"]["environment"][0]["variables"]["GUARDRAIL_VERSION"] == "1"
    assert "GUARDRAIL_VERSION" not in worker["after"]["environment"][0].get("variables", {})


def test_only_the_new_policy_is_then_allowed(changes: Changes) -> None:
    (policy,) = (each for address, each in changes.items() if address.endswith('.aws_iam_role_policy.this["worker"]'))
    assert policy["change"]["actions"] == ["update"]
    assert policy["change"]["after_unknown"]["policy"] is True


def test_a_changed_model_rolls_out_beside_the_old_one(changes: Changes) -> None:
    (profile,) = (each["change"] for each in changes.values() if each["type"] == "aws_bedrock_inference_profile")
    assert profile["actions"] == ["create", "delete"]
    assert profile["before"]["name"] != profile["after"]["name"]


def test_shorter_retention_replaces_no_store(changes: Changes) -> None:
    tables = [each["change"] for each in changes.values() if each["type"] == "aws_dynamodb_table"]
    assert [table["actions"] for table in tables] == [["update"]] * 3
    assert {table["after"]["point_in_time_recovery"][0]["recovery_period_in_days"] for table in tables} == {14}
    assert list(_lost(changes.values())) == []
