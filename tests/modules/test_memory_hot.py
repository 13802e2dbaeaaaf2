"""The tables that the README example of modules/memory-hot deploys."""

from __future__ import annotations

import re

import pytest

from companion_gate.hcl.documents import read_module

from .cases.common import KEY
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES

TABLES = ("memory", "connections", "state")


def test_every_table_expires_recovers_and_is_protected(plans: ExamplePlans) -> None:
    tables = values_of(plans, "memory_hot", "aws_dynamodb_table")
    assert {table["name"] for table in tables.values()} == {f"companion-prod-{kind}" for kind in TABLES}
    for table in tables.values():
        assert table["ttl"] == [{"attribute_name": "expires_at", "enabled": True}]
        assert table["point_in_time_recovery"] == [{"enabled": True, "recovery_period_in_days": 7}]
        assert table["deletion_protection_enabled"] is True
        assert [encryption["kms_key_arn"] for encryption in table["server_side_encryption"]] == [KEY]
        assert table["tags"]["data"] == "personal"


@pytest.mark.parametrize("table", TABLES)
def test_no_input_weakens_a_table(table: str) -> None:
    assert_literals(
        "memory-hot",
        "aws_dynamodb_table",
        table,
        {
            "billing_mode": '"PAY_PER_REQUEST"',
            "ttl.enabled": "true",
            "ttl.attribute_name": '"expires_at"',
            "point_in_time_recovery.enabled": "true",
            "server_side_encryption.enabled": "true",
            "server_side_encryption.kms_key_arn": "var.kms_key_arn",
        },
    )


def test_the_stream_tells_what_was_deleted() -> None:
    assert_literals("memory-hot", "aws_dynamodb_table", "memory", {"stream_view_type": '"NEW_AND_OLD_IMAGES"'})


def test_two_memories_of_one_moment_are_two() -> None:
    assert_literals("memory-hot", "aws_dynamodb_table", "memory", {"hash_key": '"user_id"', "range_key": '"memory_id"'})


def _statements() -> list[str]:
    """The source of every statement that the module grants: what their ARNs are, only AWS knows."""
    (output,) = read_module(MODULES / "memory-hot").blocks("output", "grants")
    value = output.attribute("value")
    assert value
    return [statement.text for purpose in value.value.members for statement in purpose.value.items]


def test_no_grant_reads_all_users_or_drops_a_table() -> None:
    on_items = (
        "BatchGetItem",
        "BatchWriteItem",
        "ConditionCheckItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "UpdateItem",
    )
    on_stream = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    found = {action for text in _statements() for action in re.findall(r'"(\w+:[^"]*)"', text)}
    assert found == {f"dynamodb:{action}" for action in (*on_items, "Query", *on_stream)}


def test_each_grant_names_tables_or_is_for_their_key() -> None:
    table = rf"aws_dynamodb_table\.({'|'.join(TABLES)})"
    named = rf'{table}\.(stream_)?arn|"\${{{table}\.arn}}/(index/by_user|stream/\*)"'
    resources = rf"\[(({named})(, )?)+\]|\[for table in local\.tables : table\.arn\]"
    statements = _statements()
    of_tables = [text for text in statements if re.search(rf"\n *resources +=+ ({resources})\n", text)]
    of_key = [text for text in statements if re.fullmatch(r'merge\(local\.use_key, { sid = "\w+" }\)', text)]
    assert [text for text in statements if text not in of_tables and text not in of_key] == []
    assert len(of_tables) >= len(of_key) > 0
    (key,) = (local.value for local in read_module(MODULES / "memory-hot").locals if local.name == "use_key")
    texts = {member.name: member.value.text for member in key.members}
    assert texts["resources"] == "[var.kms_key_arn]"
    assert re.search(r'"kms:ViaService" = \["dynamodb\.', texts["conditions"])


def test_alarms_watch_the_tables_that_exist(plans: ExamplePlans) -> None:
    tables = {table["name"] for table in values_of(plans, "memory_hot", "aws_dynamodb_table").values()}
    watched = {
        metric["dimensions"]["TableName"]
        for alarm in values_of(plans, "memory_hot", "aws_cloudwatch_metric_alarm").values()
        for query in alarm["metric_query"] or ()
        for metric in query["metric"] or ()
    }
    assert watched == tables


def test_retention_and_ceilings_are_known_before_anything_exists(plans: ExamplePlans) -> None:
    assert contract(plans, "memory_hot")["retention_days"] == 90
    assert contract(plans, "memory_hot")["max_write_request_units"] == 1000
