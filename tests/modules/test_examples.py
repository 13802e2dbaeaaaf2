"""What holds for the README example of every module."""

from __future__ import annotations

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
    assert all(alarm["alarm_actions"] for alarm in alarms.values())
    assert len({alarm["alarm_name"] for alarm in alarms.values()}) == len(alarms)


@pytest.mark.parametrize("label", EXAMPLES)
def test_every_log_group_is_bounded_and_encrypted(label: str, plans: ExamplePlans) -> None:
    unknown: dict[str, Any] = {}
    for change in plans[label].json["resource_changes"]:
        if change["type"] == "aws_cloudwatch_log_group":
            unknown[change["address"]] = change["change"]["after_unknown"]
    for address, group in values_of(plans, label, "aws_cloudwatch_log_group").items():
        assert 1 <= group["retention_in_days"] <= 365
        assert unknown[address].get("kms_key_id") or group["kms_key_id"].startswith("arn:aws:kms:")
