"""What the modules' README examples deploy, all in one plan."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from .refusals import MODULES, OFFLINE_PROVIDER, initialise, planned, run_terraform

EXAMPLES = {
    label: block
    for readme in sorted(MODULES.glob("*/README.md"))
    for block in re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL)
    for label in re.findall(r'^module "(\w+)"', block, re.MULTILINE)
}

_SERVERLESS = 'module.vectors_serverless.module.serverless["serverless"].aws_opensearchserverless'


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The plan of every example, with the capacity contracts as outputs."""
    root = tmp_path_factory.mktemp("examples")
    (root / "provider.tf.json").write_text(json.dumps({"provider": {"aws": OFFLINE_PROVIDER}}))
    outputs = {label: {"value": f"${{module.{label}.capacity_contract}}"} for label in EXAMPLES}
    (root / "outputs.tf.json").write_text(json.dumps({"output": outputs}))
    for label, block in EXAMPLES.items():
        (root / f"{label}.tf").write_text(block)
    initialise(root)
    validated = run_terraform(["validate", "-no-color"], root)
    assert validated.returncode == 0, validated.stderr
    assert "Warning" not in validated.stdout
    formatted = run_terraform(["fmt", "-check"], root)
    assert formatted.stdout == ""
    return planned(root)


def _values(plan: dict[str, Any], type_: str) -> dict[str, dict[str, Any]]:
    return {
        change["address"]: change["change"]["after"] for change in plan["resource_changes"] if change["type"] == type_
    }


def test_every_module_has_an_example(plan: dict[str, Any]) -> None:
    assert set(EXAMPLES) == {
        "inference_endpoint", "memory_hot", "moderation", "vectors_domain", "vectors_serverless",
    }  # fmt: skip
    assert {change["address"].split(".")[1] for change in plan["resource_changes"]} == set(EXAMPLES)


def test_contracts_are_known_before_anything_exists(plan: dict[str, Any]) -> None:
    contracts = {name: output.get("value") for name, output in plan["planned_values"]["outputs"].items()}
    assert contracts["inference_endpoint"]["max_concurrent_requests"] == 40
    assert contracts["inference_endpoint"]["max_requests_per_second"] == pytest.approx(13.33, abs=0.01)
    assert contracts["memory_hot"]["retention_days"] == 90
    assert contracts["memory_hot"]["max_write_request_units"] == 1000
    assert contracts["vectors_domain"]["storage_gib"] == 600
    assert contracts["vectors_serverless"]["nodes"] is None
    assert contracts["moderation"]["denied_topics"] == 2


def test_the_guardrail_refuses_what_a_companion_must(plan: dict[str, Any]) -> None:
    (guardrail,) = _values(plan, "aws_bedrock_guardrail").values()
    filters = {
        f["type"]: (f["input_strength"], f["output_strength"])
        for f in guardrail["content_policy_config"][0]["filters_config"]
    }
    harmful = dict.fromkeys(("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT"), ("HIGH", "HIGH"))
    assert filters == {**harmful, "PROMPT_ATTACK": ("HIGH", "NONE")}
    topics = {topic["name"]: topic for topic in guardrail["topic_policy_config"][0]["topics_config"]}
    assert set(topics) == {"self-harm", "medical advice"}
    assert topics["self-harm"]["type"] == "DENY"
    assert len(topics["self-harm"]["definition"]) <= 200
    assert all(1 <= len(example) <= 100 for example in topics["self-harm"]["examples"])
    for message in (guardrail["blocked_input_messaging"], guardrail["blocked_outputs_messaging"]):
        assert message.endswith("0800 111 0 111 an, zu jeder Zeit.")


def test_each_personal_datum_has_one_action(plan: dict[str, Any]) -> None:
    (guardrail,) = _values(plan, "aws_bedrock_guardrail").values()
    entities = guardrail["sensitive_information_policy_config"][0]["pii_entities_config"]
    assert set(Counter(entity["type"] for entity in entities).values()) == {1}
    actions = {entity["type"]: entity["action"] for entity in entities}
    assert actions["EMAIL"] == "BLOCK"
    assert actions["PHONE"] == "ANONYMIZE"
    assert actions["CREDIT_DEBIT_CARD_NUMBER"] == "BLOCK"
    assert actions["DRIVER_ID"] == "ANONYMIZE"
    assert len(entities) == plan["planned_values"]["outputs"]["moderation"]["value"]["pii_entities"]


def test_the_guardrail_and_its_version_show_the_same_digest(plan: dict[str, Any]) -> None:
    (guardrail,) = _values(plan, "aws_bedrock_guardrail").values()
    (version,) = _values(plan, "aws_bedrock_guardrail_version").values()
    assert re.fullmatch(r"policy sha256:[0-9a-f]{64}", guardrail["description"])
    assert version["description"] == guardrail["description"]


def test_every_table_expires_recovers_and_is_protected(plan: dict[str, Any]) -> None:
    tables = _values(plan, "aws_dynamodb_table")
    assert {table["name"] for table in tables.values()} == {
        f"companion-prod-{kind}" for kind in ("memory", "connections", "state")
    }
    for table in tables.values():
        assert table["ttl"] == [{"attribute_name": "expires_at", "enabled": True}]
        assert table["point_in_time_recovery"] == [{"enabled": True, "recovery_period_in_days": 7}]
        assert table["deletion_protection_enabled"] is True
        assert table["tags"]["data"] == "personal"


def test_alarms_watch_the_tables_that_exist(plan: dict[str, Any]) -> None:
    tables = {table["name"] for table in _values(plan, "aws_dynamodb_table").values()}
    watched = {
        metric["dimensions"]["TableName"]
        for alarm in _values(plan, "aws_cloudwatch_metric_alarm").values()
        for query in alarm["metric_query"] or ()
        for metric in query["metric"] or ()
    }
    assert watched == tables


def test_every_alarm_is_heard(plan: dict[str, Any]) -> None:
    alarms = _values(plan, "aws_cloudwatch_metric_alarm")
    assert len(alarms) == 18
    assert all(alarm["alarm_actions"] for alarm in alarms.values())


def test_every_log_group_is_bounded_and_encrypted(plan: dict[str, Any]) -> None:
    groups = _values(plan, "aws_cloudwatch_log_group")
    assert len(groups) == 5
    for group in groups.values():
        assert group["retention_in_days"] == 30
        assert group["kms_key_id"].startswith("arn:aws:kms:")


def test_the_fleet_starts_at_the_floor_that_it_scales_from(plan: dict[str, Any]) -> None:
    (configuration,) = _values(plan, "aws_sagemaker_endpoint_configuration").values()
    (target,) = _values(plan, "aws_appautoscaling_target").values()
    (policy,) = _values(plan, "aws_appautoscaling_policy").values()
    variant = configuration["production_variants"][0]
    assert variant["initial_instance_count"] == target["min_capacity"] == 2
    assert target["max_capacity"] == 10
    assert target["resource_id"] == f"endpoint/companion-prod/variant/{variant['variant_name']}"
    assert policy["resource_id"] == target["resource_id"]


def test_nothing_of_the_vector_store_is_public(plan: dict[str, Any]) -> None:
    encryption = _values(plan, "aws_opensearchserverless_security_policy")[f"{_SERVERLESS}_security_policy.encryption"]
    assert json.loads(encryption["policy"])["AWSOwnedKey"] is False
    # The network policy names an endpoint that does not exist yet, so only the source can tell.
    assert "AllowFromPublic = false" in (MODULES / "memory-vectors/serverless/main.tf").read_text()
    (access,) = _values(plan, "aws_opensearchserverless_access_policy").values()
    rules = [rule for entry in json.loads(access["policy"]) for rule in entry["Rules"]]
    assert all("*" not in json.dumps(rule) for rule in rules)
    (domain,) = _values(plan, "aws_opensearch_domain").values()
    assert len(domain["vpc_options"][0]["subnet_ids"]) == 3
    assert {log["log_type"] for log in domain["log_publishing_options"]} == {
        "AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS",
    }  # fmt: skip


def test_the_role_reads_one_image_and_one_artifact(plan: dict[str, Any]) -> None:
    source = (MODULES / "inference-endpoint/role.tf").read_text()
    assert "AmazonSageMakerFullAccess" not in source
    (role,) = _values(plan, "aws_iam_role").values()
    assert json.loads(role["assume_role_policy"])["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"}
    }
