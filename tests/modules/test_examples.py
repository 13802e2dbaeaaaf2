"""What holds for the README example of every module."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .examples import EXAMPLES, ExamplePlans, values_of
from .roots import MODULES, run_terraform


@pytest.mark.parametrize("label", EXAMPLES)
def test_no_example_is_warned_of(label: str, plans: ExamplePlans) -> None:
    assert plans[label].warnings == ()


@pytest.mark.parametrize("label", EXAMPLES)
def test_examples_are_formatted(label: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(EXAMPLES[label])
    assert run_terraform(["fmt", "-check"], tmp_path).stdout == ""


@pytest.mark.parametrize("label", EXAMPLES)
def test_an_example_deploys_the_module_that_it_calls(label: str, plans: ExamplePlans) -> None:
    assert {change["address"].split(".")[1] for change in plans[label].json["resource_changes"]} == {label}


@pytest.mark.parametrize("folder", sorted(folder.parent.name for folder in MODULES.glob("*/main.tf")))
def test_every_module_has_an_example(folder: str) -> None:
    assert any(f'source = "./modules/{folder}"' in block for block in EXAMPLES.values())


@pytest.mark.parametrize("label", EXAMPLES)
def test_every_alarm_is_heard(label: str, plans: ExamplePlans) -> None:
    alarms = values_of(plans, label, "aws_cloudwatch_metric_alarm")
    alarms |= values_of(plans, label, "aws_cloudwatch_composite_alarm")
    names = {alarm["alarm_name"] for alarm in alarms.values()}
    acting = [alarm for alarm in alarms.values() if alarm["alarm_actions"] and alarm["actions_enabled"]]
    # A part's alarm tells nobody itself: it stands in the rule of one that does.
    rules = " ".join(alarm["alarm_rule"] for alarm in acting if "alarm_rule" in alarm)
    heard = {alarm["alarm_name"] for alarm in acting} | set(re.findall(r'ALARM\("([^"]+)"\)', rules))
    assert names - heard == set()
    assert len(names) == len(alarms)


# Attributes that end like names, and are not those of the resource itself.
_NAMES_OF_OTHERS = {
    ("aws_apigatewayv2_api_mapping", "domain_name"): "the caller's own domain",
    ("aws_apigatewayv2_domain_name", "domain_name"): "the caller's own domain",
    ("aws_apigatewayv2_stage", "name"): "one of its API",
    ("aws_cloudwatch_metric_alarm", "metric_name"): "AWS names its metrics, and the handlers theirs",
    ("aws_iam_role_policy", "name"): "inside a role that has the name",
    ("aws_lambda_event_source_mapping", "function_name"): "ARN of a function that has the name",
    ("aws_lambda_permission", "function_name"): "ARN of a function that has the name",
}


@pytest.mark.parametrize("label", EXAMPLES)
def test_every_name_begins_with_that_of_the_deployment_and_has_hyphens_only(label: str, plans: ExamplePlans) -> None:
    plan = plans[label].json
    call = plan["configuration"]["root_module"]["module_calls"][label]
    rule = rf"{call['expressions']['name']['constant_value']}(-[a-zA-Z0-9]+)*"
    rules = {
        # AWS prescribes how these begin, and for log groups of services also the whole path.
        "aws_cloudwatch_log_group": rf"/aws/[a-zA-Z]+(/[a-zA-Z]+)?/{rule}(/[a-z-]+)?",
        "aws_kms_alias": f"alias/{rule}",
        "aws_sqs_queue": rf"{rule}(\.fifo)?",
    }
    wrong = []
    for change in plan["resource_changes"]:
        for attribute, name in change["change"]["after"].items():
            if name is None or (change["type"], attribute) in _NAMES_OF_OTHERS:
                continue
            if re.fullmatch(r"(\w+_)?name|bucket", attribute):
                if not re.fullmatch(rules.get(change["type"], rule), name):
                    wrong.append((change["address"], attribute, name))
            elif attribute.endswith("name_prefix") and not re.fullmatch(f"{rule}-", name):
                wrong.append((change["address"], attribute, name))
    assert wrong == []


@pytest.mark.parametrize("label", EXAMPLES)
def test_every_log_group_is_bounded_and_encrypted(label: str, plans: ExamplePlans) -> None:
    unknown: dict[str, Any] = {}
    for change in plans[label].json["resource_changes"]:
        if change["type"] == "aws_cloudwatch_log_group":
            unknown[change["address"]] = change["change"]["after_unknown"]
    for address, group in values_of(plans, label, "aws_cloudwatch_log_group").items():
        assert 1 <= group["retention_in_days"] <= 365
        assert unknown[address].get("kms_key_id") or group["kms_key_id"].startswith("arn:aws:kms:")
