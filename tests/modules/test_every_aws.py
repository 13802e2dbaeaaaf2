"""What every AWS here can deploy, the free LocalStack too: the same tests, whichever ``--aws`` the run has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.gate.run import run_of
from tests.applying import Applied, Record, applied_root

# One worker of pytest-xdist applies it once, with `--dist loadgroup`.
pytestmark = pytest.mark.xdist_group("on_every_aws")

ROOT = Path(__file__).parent / "terraform" / "on_every_aws"
ALARMS = "arn:aws:sns:eu-central-1:111122223333:companion-alarms"


@pytest.fixture(scope="module")
def root(request: pytest.FixtureRequest) -> Iterator[Applied]:
    run = run_of(request.config)
    with applied_root(run, ROOT, run.aws.account) as made:
        yield made


def test_tables_expire_and_can_be_restored(root: Applied) -> None:
    dynamodb = root.client("dynamodb")
    tables = root.outputs["memory"]["tables"].values()
    assert len(tables) == 3
    for table in tables:
        ttl = dynamodb.describe_time_to_live(TableName=table["name"])["TimeToLiveDescription"]
        assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expires_at")
        backups = dynamodb.describe_continuous_backups(TableName=table["name"])["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_functions_have_roles_that_allow_what_they_were_granted(root: Applied) -> None:
    iam, functions = root.client("iam"), root.client("lambda")
    for key, function in root.outputs["functions"].items():
        settings = functions.get_function_configuration(FunctionName=function["name"])
        assert settings["Handler"] == f"companion.{key}.handler"
        role = settings["Role"].rsplit("/", 1)[-1]
        (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        assert iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]


def test_worker_takes_turns_from_a_queue_that_is_reached_by_tls_only(root: Applied) -> None:
    (mapping,) = root.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert mapping["FunctionArn"] == root.outputs["functions"]["worker"]["arn"]
    asked = {"QueueUrl": root.outputs["queue"], "AttributeNames": ["Policy", "QueueArn"]}
    queue = root.client("sqs").get_queue_attributes(**asked)["Attributes"]
    assert queue["QueueArn"] == mapping["EventSourceArn"]
    (statement,) = json.loads(queue["Policy"])["Statement"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_alarms_are_heard_and_together_they_are_critical(root: Applied) -> None:
    described = root.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert described["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in described["MetricAlarms"] if ALARMS not in alarm["AlarmActions"]} == set()
    critical = [alarm for alarm in described["CompositeAlarms"] if ALARMS in alarm["AlarmActions"]]
    assert "companion-prod-critical" in {alarm["AlarmName"] for alarm in critical}


def test_another_plan_changes_nothing_but_what_this_aws_forgets(root: Applied, record_property: Record) -> None:
    changes = [change for change in root.changes() if not root.aws.explains(change)]
    record_property("drift", len(changes))
    assert changes == []


def test_destroy_leaves_nothing(root: Applied, record_property: Record) -> None:
    assert root.destroy(record_property) == frozenset()
