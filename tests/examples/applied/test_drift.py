"""What Terraform sees of a deployed example: nothing to do, and what somebody changed behind its back."""

from __future__ import annotations

from tests.applying import Applied, Record

from .selection import each_companion, each_example

BREAK_GLASS = """
module "companion" {
  break_glass_reason = "the apply test destroys its tables again"
}
"""


@each_example
def test_another_plan_changes_nothing(applied: Applied, record_property: Record) -> None:
    changes = applied.changes()
    record_property("drift", len(changes))
    assert changes == []


@each_companion
def test_ttl_changed_behind_terraforms_back_is_seen_and_put_back(applied: Applied) -> None:
    dynamodb = applied.client("dynamodb")
    table = applied.outputs["companion"]["memory"]["tables"]["memory"]["name"]
    setting = {"AttributeName": "expires_at", "Enabled": False}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=setting)

    changes = applied.changes()
    assert changes == ["update module.companion.module.memory_hot.aws_dynamodb_table.memory (ttl)"]

    # Together with what lifts the deletion protection, so that the example can be destroyed.
    (applied.deployment.workspace.root / "break_glass_override.tf").write_text(BREAK_GLASS, encoding="utf-8")
    applied.deployment.apply(applied.variables)
    assert dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }
