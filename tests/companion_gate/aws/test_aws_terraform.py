"""The AWS provider itself against the embedded AWS: apply, an empty second plan, an update, destroy.

Only resources that the provider does not wait for; whole modules are applied by their own tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion_gate.aws.server import EmbeddedAws
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import generated

ROOT = (Path(__file__).parent / "companion.tf").read_text(encoding="utf-8")


def planned_actions(terraform: Any, variables: dict[str, Any]) -> dict[str, list[str]]:
    """Address to actions of everything that a plan would change."""
    with terraform.planned(variables) as (text, _):
        changes = {change["address"]: change["change"]["actions"] for change in json.loads(text)["resource_changes"]}
    return {address: actions for address, actions in changes.items() if actions != ["no-op"]}


@pytest.fixture
def terraform(server: EmbeddedAws) -> Any:
    server.reset()
    with TerraformSession.open(server.url) as session:
        workspace = generated({"main.tf": ROOT}, {}, session.new_folder())
        workspace.isolate(aws_calls=True)
        terraform = session.terraform(workspace)
        terraform.setup()
        yield terraform
    server.reset()


def test_applies_replans_empty_updates_and_destroys(terraform: Any, server: EmbeddedAws) -> None:
    gaps = list(server.gaps)
    before = {"policy": "1", "recovery_days": 7, "instance_type": "ml.g6.xlarge"}
    after = {"policy": "2", "recovery_days": 14, "instance_type": "ml.g5.xlarge"}

    terraform.apply(tf_vars=before)
    assert planned_actions(terraform, before) == {}
    bedrock = server.client("bedrock", "eu-west-1")
    (guardrail,) = bedrock.list_guardrails()["guardrails"]

    terraform.apply(tf_vars=after)
    assert planned_actions(terraform, after) == {}
    versions = bedrock.list_guardrails(guardrailIdentifier=guardrail["id"])["guardrails"]
    assert [(row["version"], row["description"]) for row in versions] == [
        ("DRAFT", "policy 2"),
        ("1", "policy 1"),
        ("2", "policy 2"),
    ]
    sagemaker = server.client("sagemaker", "eu-west-1")
    used = sagemaker.describe_endpoint(EndpointName="companion")["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=used)["ProductionVariants"]
    assert variant["InstanceType"] == "ml.g5.xlarge"

    terraform.destroy(tf_vars=after)
    assert bedrock.list_guardrails()["guardrails"] == []
    assert server.client("dynamodb", "eu-west-1").list_tables()["TableNames"] == []
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert server.gaps == gaps
