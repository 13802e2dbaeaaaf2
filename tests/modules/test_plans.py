"""What the modules' README examples deploy."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from companion_gate.gate.stack import EXAMPLE_PROVIDER
from companion_gate.terraform.batch import BatchCase, PlanRun, plan_together
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import written

from .roots import MODULES, run_terraform

EXAMPLES = {
    label: block
    for readme in sorted(MODULES.glob("*/README.md"))
    for block in re.findall(r"```hcl\n(.*?)```", readme.read_text(), re.DOTALL)
    for label in re.findall(r'^module "(\w+)"', block, re.MULTILINE)
}

_SERVERLESS = 'module.vectors_serverless.module.serverless["serverless"].aws_opensearchserverless'
_CONTRACT = 'output "capacity_contract" {{\n  value = module.{}.capacity_contract\n}}\n'
Plans = Mapping[str, PlanRun]


@pytest.fixture(scope="module")
def plans(terraform_session: TerraformSession) -> Plans:
    """The plan of every example, with its capacity contract as output."""
    cases = []
    for label, block in EXAMPLES.items():
        files = {"main.tf": block, "outputs.tf": _CONTRACT.format(label)}
        cases.append(BatchCase(label, partial(written, files, {"modules": MODULES}), provider=EXAMPLE_PROVIDER))
    outcomes = plan_together(cases, terraform_session)
    made = {label: outcome for label, outcome in outcomes.items() if isinstance(outcome, PlanRun)}
    assert made == outcomes
    return made


@pytest.mark.parametrize("label", EXAMPLES)
def test_no_example_is_warned_of(label: str, plans: Plans) -> None:
    assert plans[label].warnings == ()


@pytest.mark.parametrize("label", EXAMPLES)
def test_examples_are_formatted(label: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(EXAMPLES[label])
    assert run_terraform(["fmt", "-check"], tmp_path).stdout == ""


def _values(plans: Plans, type_: str) -> dict[str, dict[str, Any]]:
    changes = [change for run in plans.values() for change in run.json["resource_changes"]]
    return {change["address"]: change["change"]["after"] for change in changes if change["type"] == type_}


def _contract(plans: Plans, label: str) -> Any:
    return plans[label].json["planned_values"]["outputs"]["capacity_contract"]["value"]


def test_every_module_has_an_example(plans: Plans) -> None:
    assert set(EXAMPLES) == {
        "inference_endpoint", "memory_hot", "moderation", "vectors_domain", "vectors_serverless",
    }  # fmt: skip
    for label, run in plans.items():
        assert {change["address"].split(".")[1] for change in run.json["resource_changes"]} == {label}


def test_contracts_are_known_before_anything_exists(plans: Plans) -> None:
    contracts = {label: _contract(plans, label) for label in EXAMPLES}
    assert contracts["inference_endpoint"]["max_concurrent_requests"] == 40
    assert contracts["inference_endpoint"]["max_requests_per_second"] == pytest.approx(13.33, abs=0.01)
    assert contracts["memory_hot"]["retention_days"] == 90
    assert contracts["memory_hot"]["max_write_request_units"] == 1000
    assert contracts["vectors_domain"]["storage_gib"] == 600
    assert contracts["vectors_serverless"]["nodes"] is None
    assert contracts["moderation"]["denied_topics"] == 2


def test_the_guardrail_refuses_what_a_companion_must(plans: Plans) -> None:
    (guardrail,) = _values(plans, "aws_bedrock_guardrail").values()
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


def test_each_personal_datum_has_one_action(plans: Plans) -> None:
    (guardrail,) = _values(plans, "aws_bedrock_guardrail").values()
    entities = guardrail["sensitive_information_policy_config"][0]["pii_entities_config"]
    assert set(Counter(entity["type"] for entity in entities).values()) == {1}
    actions = {entity["type"]: entity["action"] for entity in entities}
    assert actions["EMAIL"] == "BLOCK"
    assert actions["PHONE"] == "ANONYMIZE"
    assert actions["CREDIT_DEBIT_CARD_NUMBER"] == "BLOCK"
    assert actions["DRIVER_ID"] == "ANONYMIZE"
    assert len(entities) == _contract(plans, "moderation")["pii_entities"]


def test_the_guardrail_and_its_version_show_the_same_digest(plans: Plans) -> None:
    (guardrail,) = _values(plans, "aws_bedrock_guardrail").values()
    (version,) = _values(plans, "aws_bedrock_guardrail_version").values()
    assert re.fullmatch(r"policy sha256:[0-9a-f]{64}", guardrail["description"])
    assert version["description"] == guardrail["description"]


def test_every_table_expires_recovers_and_is_protected(plans: Plans) -> None:
    tables = _values(plans, "aws_dynamodb_table")
    assert {table["name"] for table in tables.values()} == {
        f"companion-prod-{kind}" for kind in ("memory", "connections", "state")
    }
    for table in tables.values():
        assert table["ttl"] == [{"attribute_name": "expires_at", "enabled": True}]
        assert table["point_in_time_recovery"] == [{"enabled": True, "recovery_period_in_days": 7}]
        assert table["deletion_protection_enabled"] is True
        assert table["tags"]["data"] == "personal"


def test_alarms_watch_the_tables_that_exist(plans: Plans) -> None:
    tables = {table["name"] for table in _values(plans, "aws_dynamodb_table").values()}
    watched = {
        metric["dimensions"]["TableName"]
        for alarm in _values(plans, "aws_cloudwatch_metric_alarm").values()
        for query in alarm["metric_query"] or ()
        for metric in query["metric"] or ()
    }
    assert watched == tables


def test_every_alarm_is_heard(plans: Plans) -> None:
    alarms = _values(plans, "aws_cloudwatch_metric_alarm")
    assert len(alarms) == 18
    assert all(alarm["alarm_actions"] for alarm in alarms.values())


def test_every_log_group_is_bounded_and_encrypted(plans: Plans) -> None:
    groups = _values(plans, "aws_cloudwatch_log_group")
    assert len(groups) == 5
    for group in groups.values():
        assert group["retention_in_days"] == 30
        assert group["kms_key_id"].startswith("arn:aws:kms:")


def test_the_fleet_starts_at_the_floor_that_it_scales_from(plans: Plans) -> None:
    (configuration,) = _values(plans, "aws_sagemaker_endpoint_configuration").values()
    (target,) = _values(plans, "aws_appautoscaling_target").values()
    (policy,) = _values(plans, "aws_appautoscaling_policy").values()
    variant = configuration["production_variants"][0]
    assert variant["initial_instance_count"] == target["min_capacity"] == 2
    assert target["max_capacity"] == 10
    assert target["resource_id"] == f"endpoint/companion-prod/variant/{variant['variant_name']}"
    assert policy["resource_id"] == target["resource_id"]


def test_nothing_of_the_vector_store_is_public(plans: Plans) -> None:
    encryption = _values(plans, "aws_opensearchserverless_security_policy")[f"{_SERVERLESS}_security_policy.encryption"]
    assert json.loads(encryption["policy"])["AWSOwnedKey"] is False
    # The network policy names an endpoint that does not exist yet, so only the source can tell.
    assert "AllowFromPublic = false" in (MODULES / "memory-vectors/serverless/main.tf").read_text()
    (access,) = _values(plans, "aws_opensearchserverless_access_policy").values()
    rules = [rule for entry in json.loads(access["policy"]) for rule in entry["Rules"]]
    assert all("*" not in json.dumps(rule) for rule in rules)
    (domain,) = _values(plans, "aws_opensearch_domain").values()
    assert len(domain["vpc_options"][0]["subnet_ids"]) == 3
    assert {log["log_type"] for log in domain["log_publishing_options"]} == {
        "AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS",
    }  # fmt: skip


def test_the_role_reads_one_image_and_one_artifact(plans: Plans) -> None:
    source = (MODULES / "inference-endpoint/role.tf").read_text()
    assert "AmazonSageMakerFullAccess" not in source
    (role,) = _values(plans, "aws_iam_role").values()
    assert json.loads(role["assume_role_policy"])["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"}
    }
