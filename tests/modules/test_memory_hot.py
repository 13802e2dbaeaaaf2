"""The tables that the README example of modules/memory-hot deploys."""

from __future__ import annotations

import pytest

from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals

TABLES = ("memory", "connections", "state")


def test_every_table_expires_recovers_and_is_protected(plans: ExamplePlans) -> None:
    tables = values_of(plans, "memory_hot", "aws_dynamodb_table")
    assert {table["name"] for table in tables.values()} == {f"companion-prod-{kind}" for kind in TABLES}
    for table in tables.values():
        assert table["ttl"] == [{"attribute_name": "expires_at", "enabled": True}]
        assert table["point_in_time_recovery"] == [{"enabled": True, "recovery_period_in_days": 7}]
        assert table["deletion_protection_enabled"] is True
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
        },
    )


def test_the_stream_tells_what_was_deleted() -> None:
    assert_literals("memory-hot", "aws_dynamodb_table", "memory", {"stream_view_type": '"NEW_AND_OLD_IMAGES"'})


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
