"""The keys, queues and mappings that modules/data-protection deploys, and what a change does to those that run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion_gate.fixtures import PlanManyCases
from companion_gate.plan.cases import PlanCases

from .cases import data_protection
from .computed import COMPUTED
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .replay import write_state
from .roots import MODULES, initialise, planned, write_root

_ACCOUNT = "111122223333"
_LOGS = f"arn:aws:logs:eu-central-1:{_ACCOUNT}:log-group:"
_SQS = f"arn:aws:sqs:eu-central-1:{_ACCOUNT}:companion-test"
_PREFIX = "module.data_protection."
_EXISTING = {
    type_: COMPUTED[type_]
    for type_ in ("aws_kms_key", "aws_lambda_event_source_mapping", "aws_lambda_function", "aws_sqs_queue")
}
Plan = dict[str, Any]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module beside functions that are told of it, may use it, and are named to it: as companions are built."""
    root = tmp_path_factory.mktemp("data_protection")
    _write(root)
    initialise(root)
    return root


@pytest.fixture(scope="module")
def deployed(root: Path) -> Plan:
    """The plan over keys, queues and functions that exist, so that it knows what the rest says of them."""
    for _ in range(2):
        write_state(planned(root), _EXISTING, root)
    return planned(root)


@pytest.fixture(scope="module")
def windows(plan_cases: PlanManyCases) -> PlanCases:
    inputs = data_protection.SUITE.inputs
    return plan_cases(MODULES / "data-protection", {name: inputs[name] for name in ("base", "vectors")})


def _write(root: Path, **inputs: Any) -> None:
    write_root(
        root, {"data_protection": ("data-protection", {**data_protection.BASE, **data_protection.vectors(), **inputs})}
    )
    file = root / "data_protection.tf.json"
    config = json.loads(file.read_text())
    call = config["module"]["data_protection"]
    call["eraser_arn"] = '${aws_lambda_function.this["erase"].arn}'
    call["vector_expiry"]["function_arn"] = '${aws_lambda_function.this["forget"].arn}'
    granted = ("consume_erasure", "expire_vectors", "request_erasure", "verify_ticket")
    config["resource"] = {
        "aws_lambda_function": {
            "this": {
                "for_each": '${toset(["erase", "forget"])}',
                "function_name": "companion-test-${each.key}",
                "role": f"arn:aws:iam::{_ACCOUNT}:role/companion-test",
                "package_type": "Image",
                "image_uri": f"{_ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/companion:1",
                "kms_key_arn": "${module.data_protection.data_protection.keys.personal}",
                "environment": {"variables": {"QUEUE": "${module.data_protection.data_protection.erasure_queue.url}"}},
                "description": "".join(f"${{module.data_protection.grants.{name}[0].sid}}" for name in granted),
                "source_code_hash": "1",
            }
        }
    }
    config["output"] = {
        name: {"value": f"${{module.data_protection.{name}}}"} for name in ("alarms", "data_protection", "grants")
    }
    file.write_text(json.dumps(config))


def _values(plan: Plan, type_: str) -> dict[str, dict[str, Any]]:
    """What the module's resources of a type will be, by name and key."""
    return {
        change["address"].removeprefix(f"{_PREFIX}{type_}."): change["change"]["after"]
        for change in plan["resource_changes"]
        if change["type"] == type_
    }


def _output(plan: Plan, name: str) -> Any:
    return plan["planned_values"]["outputs"][name]["value"]


def _statements(plans: ExamplePlans, key: str) -> dict[str, dict[str, Any]]:
    policy = values_of(plans, "data_protection", "aws_kms_key")[f"{_PREFIX}aws_kms_key.{key}"]["policy"]
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


@pytest.mark.parametrize("key", ["personal", "operations"])
def test_no_input_weakens_a_key(key: str) -> None:
    assert_literals(
        "data-protection",
        "aws_kms_key",
        key,
        {
            "enable_key_rotation": "true",
            "deletion_window_in_days": "30",
            "multi_region": "false",
            "bypass_policy_lockout_safety_check": "false",
            "key_usage": '"ENCRYPT_DECRYPT"',
            "customer_master_key_spec": '"SYMMETRIC_DEFAULT"',
        },
    )


def test_tickets_have_a_key_that_only_makes_and_checks_codes() -> None:
    assert_literals(
        "data-protection",
        "aws_kms_key",
        "tickets",
        {
            "key_usage": '"GENERATE_VERIFY_MAC"',
            "customer_master_key_spec": '"HMAC_256"',
            "enable_key_rotation": "false",
            "deletion_window_in_days": "30",
            "multi_region": "false",
            "bypass_policy_lockout_safety_check": "false",
        },
    )


@pytest.mark.parametrize("key", ["personal", "operations", "tickets"])
def test_keys_belong_to_the_account_and_wait_for_30_days(key: str, plans: ExamplePlans) -> None:
    statements = _statements(plans, key)
    assert statements["LetIamPoliciesDecide"]["Principal"] == {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"}
    hasty = statements["DenyHastyDeletion"]
    assert (hasty["Effect"], hasty["Action"]) == ("Deny", "kms:ScheduleKeyDeletion")
    assert hasty["Condition"] == {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}


@pytest.mark.parametrize(("key", "groups"), [("personal", "*companion-prod*"), ("operations", "*")])
def test_logs_are_encrypted_for_this_account_and_region_only(key: str, groups: str, plans: ExamplePlans) -> None:
    statement = _statements(plans, key)["EncryptLogGroups"]
    assert statement["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": [_LOGS + groups]}}
    assert "kms:CreateGrant" not in statement["Action"]


def test_no_service_may_make_tickets(plans: ExamplePlans) -> None:
    assert set(_statements(plans, "tickets")) == {"LetIamPoliciesDecide", "DenyHastyDeletion"}


def test_every_key_has_the_alias_of_its_class(plans: ExamplePlans) -> None:
    aliases = values_of(plans, "data_protection", "aws_kms_alias").values()
    assert {alias["name"] for alias in aliases} == {
        f"alias/companion-prod-{key}" for key in ("personal", "operations", "tickets")
    }


@pytest.mark.parametrize("queue", ["erasures", "erasure_dead_letters", "vector_expiry_failures"])
def test_no_queue_loses_what_it_holds_before_fourteen_days(queue: str) -> None:
    assert_literals(
        "data-protection",
        "aws_sqs_queue",
        queue,
        {
            "message_retention_seconds": "1209600",
            "kms_master_key_id": "aws_kms_key.personal.arn",
            "receive_wait_time_seconds": "20",
        },
    )


def test_an_erasure_fails_alone_and_leaves_the_stores_to_the_turns() -> None:
    assert_literals(
        "data-protection",
        "aws_lambda_event_source_mapping",
        "erasures",
        {
            "batch_size": "1",
            "function_response_types": '["ReportBatchItemFailures"]',
            "scaling_config.maximum_concurrency": "2",
        },
    )


def test_vectors_go_when_their_memories_go(plans: ExamplePlans) -> None:
    mappings = values_of(plans, "data_protection", "aws_lambda_event_source_mapping")
    mapping = mappings[f'{_PREFIX}aws_lambda_event_source_mapping.vector_expiry["vectors"]']
    assert [json.loads(item["pattern"]) for item in mapping["filter_criteria"][0]["filter"]] == [
        {"eventName": ["REMOVE"]}
    ]
    assert mapping["starting_position"] == "TRIM_HORIZON"
    assert mapping["bisect_batch_on_function_error"] is True
    assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    assert 0 < mapping["maximum_retry_attempts"] <= 10000
    # A record that was given up must still be in the stream, which keeps it for a day.
    assert 0 < mapping["maximum_record_age_in_seconds"] < 86400


def test_the_contract_says_what_the_queue_does(plans: ExamplePlans) -> None:
    said = contract(plans, "data_protection")
    queue = values_of(plans, "data_protection", "aws_sqs_queue")[f"{_PREFIX}aws_sqs_queue.erasures"]
    mapping = values_of(plans, "data_protection", "aws_lambda_event_source_mapping")[
        f"{_PREFIX}aws_lambda_event_source_mapping.erasures"
    ]
    keys = values_of(plans, "data_protection", "aws_kms_key").values()
    assert said["erasure_visibility_timeout_seconds"] == queue["visibility_timeout_seconds"] == 6 * 300
    assert said["erasure_retention_days"] * 86400 == queue["message_retention_seconds"]
    assert said["erasure_max_concurrency"] == mapping["scaling_config"][0]["maximum_concurrency"]
    assert {key["deletion_window_in_days"] for key in keys} == {said["key_deletion_days"]}


def test_the_erasure_window_is_its_longest_part(plans: ExamplePlans, windows: PlanCases) -> None:
    assert contract(plans, "data_protection")["erasure_window_parts"] == {
        "point_in_time_recovery": 7,
        "logs": 30,
        "turn_dead_letters": 4,
        "vector_snapshots": 14,
    }
    assert contract(plans, "data_protection")["erasure_window_days"] == 30
    assert windows["base"].output("capacity_contract.erasure_window_parts.vector_snapshots") == 0
    assert windows["vectors"].output("capacity_contract.erasure_window_parts.vector_snapshots") == 14


def test_without_vectors_nothing_waits_for_them(windows: PlanCases) -> None:
    assert windows["base"].output("alarms") == ["companion-test-erasures-age", "companion-test-erasures-dead-letters"]


def test_waiting_and_failing_erasures_and_vectors_are_heard(plans: ExamplePlans) -> None:
    alarms = values_of(plans, "data_protection", "aws_cloudwatch_metric_alarm").values()
    prefix = "companion-prod-"
    assert {
        alarm["alarm_name"].removeprefix(prefix): (
            alarm["metric_name"],
            next(iter(alarm["dimensions"].values())).removeprefix(prefix),
            alarm["threshold"],
        )
        for alarm in alarms
    } == {
        "erasures-age": ("ApproximateAgeOfOldestMessage", "erasures", 86400),
        "erasures-dead-letters": ("ApproximateNumberOfMessagesVisible", "erasures-dead-letters", 0),
        "vector-expiry-failures": ("ApproximateNumberOfMessagesVisible", "vector-expiry-failures", 0),
        "vector-expiry-age": ("IteratorAge", "forget", 3600000),
    }
    assert all(alarm["alarm_actions"] and alarm["ok_actions"] for alarm in alarms)
    assert all(alarm["treat_missing_data"] == "notBreaching" for alarm in alarms)


def test_every_alarm_is_told_of(deployed: Plan) -> None:
    alarms = _values(deployed, "aws_cloudwatch_metric_alarm").values()
    assert _output(deployed, "alarms") == sorted(alarm["alarm_name"] for alarm in alarms)


def test_functions_may_be_told_of_what_they_are_named_to(deployed: Plan) -> None:
    mappings = _values(deployed, "aws_lambda_event_source_mapping")
    prefix = f"arn:aws:lambda:eu-central-1:{_ACCOUNT}:function:companion-test"
    assert mappings["erasures"]["function_name"] == f"{prefix}-erase"
    assert mappings['vector_expiry["vectors"]']["function_name"] == f"{prefix}-forget"


def test_only_the_account_speaks_to_the_queues_and_only_through_tls(deployed: Plan) -> None:
    policies = {name: json.loads(item["policy"]) for name, item in _values(deployed, "aws_sqs_queue_policy").items()}
    queues = {
        'erasures["erasures"]': f"{_SQS}-erasures",
        'erasures["erasures-dead-letters"]': f"{_SQS}-erasures-dead-letters",
        'vector_expiry_failures["vectors"]': f"{_SQS}-vector-expiry-failures",
    }
    assert set(policies) == set(queues)
    for name, arn in queues.items():
        statements = policies[name]["Statement"]
        for statement in statements:
            denied = {key: statement[key] for key in ("Effect", "Principal", "Action", "Resource")}
            assert denied == {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn}
        assert [statement["Condition"] for statement in statements] == [
            {"Bool": {"aws:SecureTransport": "false"}},
            {"StringNotEquals": {"aws:PrincipalAccount": _ACCOUNT}},
        ]


def test_failed_erasures_go_to_a_queue_that_takes_nothing_else(deployed: Plan) -> None:
    redrive = json.loads(_values(deployed, "aws_sqs_queue")["erasures"]["redrive_policy"])
    assert redrive == {"deadLetterTargetArn": f"{_SQS}-erasures-dead-letters", "maxReceiveCount": 5}
    (allowed,) = _values(deployed, "aws_sqs_queue_redrive_allow_policy").values()
    assert json.loads(allowed["redrive_allow_policy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [f"{_SQS}-erasures"],
    }


def test_what_could_not_be_deleted_goes_to_the_queue_that_may_be_written_to(deployed: Plan) -> None:
    mapping = _values(deployed, "aws_lambda_event_source_mapping")['vector_expiry["vectors"]']
    destination = mapping["destination_config"][0]["on_failure"][0]["destination_arn"]
    assert _output(deployed, "grants")["expire_vectors"][0]["resources"] == [destination]


def test_grants_are_as_small_as_the_work(deployed: Plan) -> None:
    grants = _output(deployed, "grants")
    keys = _output(deployed, "data_protection")["keys"]
    through_sqs = {"StringEquals": {"kms:ViaService": ["sqs.eu-central-1.amazonaws.com"]}}
    queue, personal, tickets = [f"{_SQS}-erasures"], [keys["personal"]], [keys["tickets"]]
    encrypt = (["kms:Decrypt", "kms:GenerateDataKey"], personal, through_sqs)
    consume = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    granted = {
        purpose: [(item["actions"], item["resources"], item["conditions"]) for item in statements]
        for purpose, statements in grants.items()
    }
    assert granted == {
        "request_erasure": [(["sqs:SendMessage"], queue, {}), encrypt],
        "consume_erasure": [(consume, queue, {}), (["kms:Decrypt"], personal, through_sqs)],
        "expire_vectors": [(["sqs:SendMessage"], [f"{_SQS}-vector-expiry-failures"], {}), encrypt],
        "mint_ticket": [(["kms:GenerateMac"], tickets, {})],
        "verify_ticket": [(["kms:VerifyMac"], tickets, {})],
    }
    assert len(set(keys.values())) == 3
    statements = [item for items in grants.values() for item in items]
    assert {item["effect"] for item in statements} == {"Allow"}
    assert len({item["sid"] for item in statements}) == len(statements)


def test_no_input_replaces_a_key_or_a_queue(root: Path, deployed: Plan) -> None:
    write_state(deployed, _EXISTING, root)
    _write(
        root,
        eraser_timeout_seconds=900,
        retention={"memory_days": 30, "pitr_days": 1, "log_days": 1, "dead_letter_days": 1},
        tags={"team": "privacy"},
    )
    changes = planned(root)["resource_changes"]
    actions = {change["address"].removeprefix(_PREFIX): change["change"]["actions"] for change in changes}
    kept = {
        address: done for address, done in actions.items() if address.startswith(("aws_kms_key.", "aws_sqs_queue."))
    }
    assert len(kept) == 6
    assert set(map(tuple, kept.values())) == {("update",)}
    assert actions["aws_lambda_event_source_mapping.erasures"] == ["update"]
    assert actions['aws_lambda_event_source_mapping.vector_expiry["vectors"]'] == ["update"]
