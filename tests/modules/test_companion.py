"""What the README example of modules/companion deploys: the text shape, wired together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from companion_gate.hcl.documents import read_module

from .examples import ExamplePlans, contract, values_of
from .roots import MODULES


def _plan(plans: ExamplePlans, type_: str) -> Mapping[str, Mapping[str, Any]]:
    return values_of(plans, "companion", type_)


def test_it_only_composes() -> None:
    module = read_module(MODULES / "companion")
    assert module.resources == ()
    called = {source.value.text for call in module.modules if (source := call.attribute("source"))}
    others = {folder.name for folder in MODULES.iterdir() if folder.is_dir()} - {"account-baseline", "companion"}
    # What is one for each account must never be in what is many.
    assert called == {f'"../{name}"' for name in others}


def test_contract_is_that_of_the_weakest_part(plans: ExamplePlans) -> None:
    whole = contract(plans, "companion")
    assert whole["turns_at_once"] == 50
    assert whole["turns_per_second"] == pytest.approx(50 / 3)
    assert whole["deadline_seconds"] == whole["parts"]["turn_handler"]["deadline_seconds"] == 4
    assert whole["erasure_window_days"] == whole["parts"]["data_protection"]["erasure_window_days"] == 30
    assert whole["functions"] == ["authorizer", "connection", "erase", "ingest", "worker"]
    assert "voice" not in whole["parts"]


def test_the_edge_lets_in_what_the_workers_answer_in_time(plans: ExamplePlans) -> None:
    parts = contract(plans, "companion")["parts"]
    send = parts["realtime_edge"]["routes"]["send"]
    assert send["rate_per_second"] == parts["turn_queue"]["stage_rate_per_second"]
    assert send["burst"] == parts["turn_queue"]["stage_burst"]


def test_queue_and_function_agree_on_a_timeout(plans: ExamplePlans) -> None:
    timeouts = {
        value["handler"].split(".")[1]: value["timeout"] for value in _plan(plans, "aws_lambda_function").values()
    }
    visibility = {
        value["name"]: value["visibility_timeout_seconds"] for value in _plan(plans, "aws_sqs_queue").values()
    }
    assert visibility["companion-prod-turns.fifo"] == 6 * timeouts["worker"]
    assert visibility["companion-prod-erasures"] == 6 * timeouts["erase"]


def test_one_retention_reaches_every_part(plans: ExamplePlans) -> None:
    groups = _plan(plans, "aws_cloudwatch_log_group").values()
    assert {group["retention_in_days"] for group in groups} == {30}
    parts = contract(plans, "companion")["parts"]
    assert parts["memory_hot"]["retention_days"] == parts["data_protection"]["memory_days"] == 90
    assert parts["turn_queue"]["dead_letter_days"] == parts["data_protection"]["dead_letter_days"] == 4


def test_every_part_is_watched(plans: ExamplePlans) -> None:
    alarms = {value["alarm_name"] for value in _plan(plans, "aws_cloudwatch_metric_alarm").values()}
    rules = " ".join(str(value["alarm_rule"]) for value in _plan(plans, "aws_cloudwatch_composite_alarm").values())
    assert {name for name in alarms if f'"{name}"' not in rules} == set()
