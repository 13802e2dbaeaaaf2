"""DynamoDB: throughput caps of on-demand tables and indexes, contributor insights, recovery windows that AWS refuses.

Sources: AWS docs "OnDemandThroughput", "UpdateContributorInsights", "DescribeContributorInsights" and
"PointInTimeRecoverySpecification" (API reference).
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.responses import DynamoHandler

from companion_gate.aws.registration import Answer, AwsError, Call, action

# AWS docs, "PointInTimeRecoverySpecification": RecoveryPeriodInDays.
RECOVERY_DAYS = range(1, 36)


@action(DynamoHandler, "CreateTable")
def create_table(call: Call) -> Answer:
    answer = call.upstream()
    _keep_caps(call)
    return {"TableDescription": _capped(call, answer["TableDescription"])}


@action(DynamoHandler, "UpdateTable")
def update_table(call: Call) -> Answer:
    answer = call.upstream()
    _keep_caps(call)
    return {"TableDescription": _capped(call, answer["TableDescription"])}


@action(DynamoHandler, "DescribeTable")
def describe_table(call: Call) -> Answer:
    return {"Table": _capped(call, call.upstream()["Table"])}


@action(DynamoHandler, "DeleteTable")
def delete_table(call: Call) -> Answer:
    answer = call.upstream()
    name = answer["TableDescription"]["TableName"]
    for rows in (_caps(call), call.table("dynamodb contributor insights")):
        for key in [key for key in rows if key[0] == name]:
            del rows[key]
    return answer


def _caps(call: Call) -> dict[tuple[str, str | None], dict[str, int]]:
    """Caps by table and index; the table's own has no index."""
    return call.table("dynamodb on-demand throughput")


def _keep_caps(call: Call) -> None:
    """An update of one of the two numbers leaves the other, and -1 lifts a cap."""
    name = call.params["TableName"].rsplit("/", 1)[-1]
    updates = call.params.get("GlobalSecondaryIndexUpdates", ())
    indexes = [*call.params.get("GlobalSecondaryIndexes", ()), *(index for each in updates for index in each.values())]
    for part in (call.params, *indexes):
        if "OnDemandThroughput" in part:
            key = (name, part.get("IndexName"))
            _caps(call)[key] = {**_caps(call).get(key, {}), **part["OnDemandThroughput"]}


def _capped(call: Call, description: dict[str, Any]) -> dict[str, Any]:
    name = description["TableName"]

    def with_cap(part: dict[str, Any], index: str | None) -> dict[str, Any]:
        cap = _caps(call).get((name, index))
        return {**part, "OnDemandThroughput": cap} if cap else part

    if indexes := description.get("GlobalSecondaryIndexes"):
        capped = [with_cap(index, index["IndexName"]) for index in indexes]
        description = {**description, "GlobalSecondaryIndexes": capped}
    return with_cap(description, None)


@action(DynamoHandler, "UpdateContinuousBackups")
def update_continuous_backups(call: Call) -> Answer:
    days = call.params["PointInTimeRecoverySpecification"].get("RecoveryPeriodInDays")
    if days is not None and days not in RECOVERY_DAYS:
        raise AwsError("ValidationException", f"RecoveryPeriodInDays must be between 1 and 35, not {days}.")
    return call.upstream()


@action(DynamoHandler, "UpdateContributorInsights")
def update_contributor_insights(call: Call) -> Answer:
    enabled = call.params["ContributorInsightsAction"] == "ENABLE"
    key = _table_and_index(call)
    call.table("dynamodb contributor insights")[key] = "ENABLED" if enabled else "DISABLED"
    return _insights(call)


@action(DynamoHandler, "DescribeContributorInsights")
def describe_contributor_insights(call: Call) -> Answer:
    return _insights(call)


def _insights(call: Call) -> Answer:
    table, index = key = _table_and_index(call)
    status = call.table("dynamodb contributor insights").get(key, "DISABLED")
    return {"TableName": table, "IndexName": index, "ContributorInsightsStatus": status}


def _table_and_index(call: Call) -> tuple[str, str | None]:
    name = call.params["TableName"].rsplit("/", 1)[-1]
    if name not in call.response.dynamodb_backend.tables:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    return name, call.params.get("IndexName")
