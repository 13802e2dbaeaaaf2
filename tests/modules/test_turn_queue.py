"""The queues that modules/turn-queue deploys, and what a change does to those that run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .cases import turn_queue
from .computed import COMPUTED
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .replay import write_state
from .roots import initialise, planned, write_root

_ARN = "arn:aws:sqs:eu-central-1:111122223333:companion-test-turns"
_PREFIX = "module.turn_queue."
_EXISTING = {
    type_: COMPUTED[type_] for type_ in ("aws_lambda_event_source_mapping", "aws_lambda_function", "aws_sqs_queue")
}
Plan = dict[str, Any]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module beside a worker that is told of the queue, may use it, and consumes it: as companions are built."""
    root = tmp_path_factory.mktemp("turn_queue")
    _write(root)
    initialise(root)
    return root


@pytest.fixture(scope="module")
def deployed(root: Path) -> Plan:
    """The plan over queues and a worker that exist, so that it knows what the rest says of them."""
    write_state(planned(root), _EXISTING, root)
    return planned(root)


def _write(root: Path, **inputs: Any) -> None:
    write_root(root, {"turn_queue": ("turn-queue", {**turn_queue.BASE, **inputs})})
    call = json.loads((root / "turn_queue.tf.json").read_text())
    call["module"]["turn_queue"]["consumer_arn"] = "${aws_lambda_function.worker.arn}"
    worker = {
        "function_name": "companion-test-worker",
        "role": "arn:aws:iam::111122223333:role/companion-test-worker",
        "package_type": "Image",
        "image_uri": "111122223333.dkr.ecr.eu-central-1.amazonaws.com/worker:1",
        "environment": {"variables": {"TURN_QUEUE_URL": "${module.turn_queue.queue.url}"}},
        "description": "${module.turn_queue.grants.consume[0].sid}",
        "source_code_hash": "1",
    }
    call["resource"] = {"aws_lambda_function": {"worker": worker}}
    outputs = ("queue", "grants", "alarms")
    call["output"] = {name: {"value": f"${{module.turn_queue.{name}}}"} for name in outputs}
    (root / "turn_queue.tf.json").write_text(json.dumps(call))


def _values(plan: Plan, type_: str) -> dict[str, dict[str, Any]]:
    """What the resources of a type will be, by address."""
    changes = plan["resource_changes"]
    return {change["address"]: change["change"]["after"] for change in changes if change["type"] == type_}


def _output(plan: Plan, name: str) -> Any:
    return plan["planned_values"]["outputs"][name]["value"]


def _documents(plan: Plan, type_: str, attribute: str) -> dict[str, Any]:
    """JSON documents by the key or name that ends the address."""
    return {
        address.removeprefix(f"{_PREFIX}{type_}."): json.loads(resource[attribute])
        for address, resource in _values(plan, type_).items()
    }


@pytest.mark.parametrize("queue", ["turns", "dead_letters"])
def test_no_input_weakens_a_queue(queue: str) -> None:
    assert_literals(
        "turn-queue",
        "aws_sqs_queue",
        queue,
        {
            "fifo_queue": "true",
            "content_based_deduplication": "false",
            "deduplication_scope": '"messageGroup"',
            "fifo_throughput_limit": '"perMessageGroupId"',
            "receive_wait_time_seconds": "20",
            "kms_master_key_id": "var.kms_key_arn",
        },
    )


def test_a_turn_fails_alone() -> None:
    assert_literals(
        "turn-queue",
        "aws_lambda_event_source_mapping",
        "turns",
        {
            "batch_size": "1",
            "function_response_types": '["ReportBatchItemFailures"]',
            "maximum_batching_window_in_seconds": None,  # type: ignore[dict-item]  # FIFO queues have none.
            "provisioned_poller_config": None,  # type: ignore[dict-item]  # It excludes maximum_concurrency.
            "scaling_config.maximum_concurrency": "var.max_concurrency",
        },
    )


def test_a_slow_turn_stays_hidden_for_six_timeouts(plans: ExamplePlans) -> None:
    queues = values_of(plans, "turn_queue", "aws_sqs_queue")
    assert queues["module.turn_queue.aws_sqs_queue.turns"]["visibility_timeout_seconds"] == 6 * 30


def test_the_contract_says_what_the_queues_do(plans: ExamplePlans) -> None:
    said = contract(plans, "turn_queue")
    queues = values_of(plans, "turn_queue", "aws_sqs_queue")
    turns, dead = (queues[f"module.turn_queue.aws_sqs_queue.{name}"] for name in ("turns", "dead_letters"))
    (mapping,) = values_of(plans, "turn_queue", "aws_lambda_event_source_mapping").values()
    assert said["visibility_timeout_seconds"] == turns["visibility_timeout_seconds"]
    assert said["retention_seconds"] == turns["message_retention_seconds"]
    assert said["dead_letter_days"] * 86400 == dead["message_retention_seconds"]
    assert said["batch_size"] == mapping["batch_size"]
    assert said["max_concurrency"] == mapping["scaling_config"][0]["maximum_concurrency"] == 50


def test_the_edge_is_told_what_the_workers_can_carry(plans: ExamplePlans) -> None:
    said = contract(plans, "turn_queue")
    assert said["max_turns_per_second"] == pytest.approx(50 / 3)
    assert said["turns_in_time"] == 66
    assert said["stage_rate_per_second"] == 20
    assert said["stage_burst"] == 80


def test_alarms_watch_the_queues_that_exist(plans: ExamplePlans) -> None:
    queues = values_of(plans, "turn_queue", "aws_sqs_queue")
    alarms = values_of(plans, "turn_queue", "aws_cloudwatch_metric_alarm")
    watched = {alarm["dimensions"]["QueueName"] for alarm in alarms.values()}
    assert watched == {queue["name"] for queue in queues.values()}
    assert all(alarm["alarm_actions"] and alarm["ok_actions"] for alarm in alarms.values())


def test_late_turns_backlog_and_dead_letters_are_heard(plans: ExamplePlans) -> None:
    alarms = {
        alarm["alarm_name"].removeprefix("companion-prod-turns-"): (alarm["metric_name"], alarm["threshold"])
        for alarm in values_of(plans, "turn_queue", "aws_cloudwatch_metric_alarm").values()
    }
    assert alarms == {
        "age": ("ApproximateAgeOfOldestMessage", 4 + 3),
        "backlog": ("ApproximateNumberOfMessagesVisible", 66),
        "dead-letters": ("ApproximateNumberOfMessagesVisible", 0),
    }


def test_every_alarm_is_told_of(deployed: Plan) -> None:
    named = {alarm["alarm_name"] for alarm in _values(deployed, "aws_cloudwatch_metric_alarm").values()}
    assert _output(deployed, "alarms") == sorted(named)


def test_a_worker_may_be_told_of_the_queue_that_it_consumes(deployed: Plan) -> None:
    (worker,) = _values(deployed, "aws_lambda_function").values()
    (mapping,) = _values(deployed, "aws_lambda_event_source_mapping").values()
    assert mapping["function_name"] == worker["arn"]
    assert worker["environment"][0]["variables"]["TURN_QUEUE_URL"] == _output(deployed, "queue")["url"]


def test_only_the_account_speaks_to_the_queues_and_only_through_tls(deployed: Plan) -> None:
    policies = _documents(deployed, "aws_sqs_queue_policy", "policy")
    queues = {'this["turns"]': f"{_ARN}.fifo", 'this["dead-letters"]': f"{_ARN}-dead-letters.fifo"}
    assert set(policies) == set(queues)
    for key, arn in queues.items():
        statements = policies[key]["Statement"]
        for statement in statements:
            denied = {name: statement[name] for name in ("Effect", "Principal", "Action", "Resource")}
            assert denied == {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn}
        assert [statement["Condition"] for statement in statements] == [
            {"Bool": {"aws:SecureTransport": "false"}},
            {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}},
        ]


def test_failed_turns_go_to_a_queue_that_takes_nothing_else(deployed: Plan) -> None:
    redrive = json.loads(_values(deployed, "aws_sqs_queue")[f"{_PREFIX}aws_sqs_queue.turns"]["redrive_policy"])
    assert redrive == {"deadLetterTargetArn": f"{_ARN}-dead-letters.fifo", "maxReceiveCount": 2}
    allowed = _documents(deployed, "aws_sqs_queue_redrive_allow_policy", "redrive_allow_policy")
    assert allowed == {"dead_letters": {"redrivePermission": "byQueue", "sourceQueueArns": [f"{_ARN}.fifo"]}}


def test_grants_reach_this_queue_and_its_key_only(deployed: Plan) -> None:
    grants = _output(deployed, "grants")
    through_sqs = {"StringEquals": {"kms:ViaService": ["sqs.eu-central-1.amazonaws.com"]}}
    granted = {
        purpose: [(item["actions"], item["resources"], item["conditions"]) for item in statements]
        for purpose, statements in grants.items()
    }
    key, queue = [turn_queue.BASE["kms_key_arn"]], [f"{_ARN}.fifo"]
    consume = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    assert granted == {
        "send": [(["sqs:SendMessage"], queue, {}), (["kms:Decrypt", "kms:GenerateDataKey"], key, through_sqs)],
        "consume": [(consume, queue, {}), (["kms:Decrypt"], key, through_sqs)],
    }
    assert all(item["effect"] == "Allow" for statements in grants.values() for item in statements)
    sids = [item["sid"] for statements in grants.values() for item in statements]
    assert len(sids) == len(set(sids))


def test_no_input_replaces_a_queue_with_turns_in_it(root: Path, deployed: Plan) -> None:
    write_state(deployed, _EXISTING, root)
    _write(
        root,
        consumer_timeout_seconds=20,
        max_concurrency=200,
        max_receives=1,
        retention_seconds=300,
        dead_letter_days=14,
        deadline_seconds=2,
        seconds_per_turn=2,
        kms_key_arn=turn_queue.BASE["kms_key_arn"].replace("1234abcd", "abcd1234"),
        tags={"team": "turns"},
    )
    plan = planned(root)
    actions = {change["address"]: change["change"]["actions"] for change in plan["resource_changes"]}
    assert actions[f"{_PREFIX}aws_sqs_queue.turns"] == ["update"]
    assert actions[f"{_PREFIX}aws_sqs_queue.dead_letters"] == ["update"]
    assert actions[f"{_PREFIX}aws_lambda_event_source_mapping.turns"] == ["update"]
    turns = _values(plan, "aws_sqs_queue")[f"{_PREFIX}aws_sqs_queue.turns"]
    assert (turns["message_retention_seconds"], turns["visibility_timeout_seconds"]) == (300, 120)
