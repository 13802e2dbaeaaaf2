from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from companion_gate.aws.serial import turn

Client = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def dynamodb(client: Client) -> Any:
    """DynamoDB with the on-demand table `memory`, capped at 1000 reads."""
    made = client("dynamodb", "eu-west-1")
    made.create_table(
        TableName="memory",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "user_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "user_id", "KeyType": "HASH"}],
        OnDemandThroughput={"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 500},
    )
    return made


def test_throughput_cap_reads_back_and_one_half_may_change(dynamodb: Any) -> None:
    table = dynamodb.describe_table(TableName="memory")["Table"]
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 500}
    answer = dynamodb.update_table(TableName="memory", OnDemandThroughput={"MaxReadRequestUnits": 2000})
    assert answer["TableDescription"]["OnDemandThroughput"]["MaxReadRequestUnits"] == 2000
    table = dynamodb.describe_table(TableName="memory")["Table"]
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 2000, "MaxWriteRequestUnits": 500}


def test_throughput_cap_of_an_index_is_its_own(client: Client) -> None:
    dynamodb = client("dynamodb", "eu-west-1")
    dynamodb.create_table(
        TableName="connections",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("connection_id", "user_id")],
        KeySchema=[{"AttributeName": "connection_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_user",
                "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "OnDemandThroughput": {"MaxReadRequestUnits": 40, "MaxWriteRequestUnits": 10},
            }
        ],
    )
    update = {"Update": {"IndexName": "by_user", "OnDemandThroughput": {"MaxReadRequestUnits": 80}}}
    dynamodb.update_table(TableName="connections", GlobalSecondaryIndexUpdates=[update])
    table = dynamodb.describe_table(TableName="connections")["Table"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["OnDemandThroughput"] == {"MaxReadRequestUnits": 80, "MaxWriteRequestUnits": 10}
    assert "OnDemandThroughput" not in table


def test_recovery_window_reads_back_within_what_aws_allows(dynamodb: Any, refused: Refused) -> None:
    def window(days: int) -> dict[str, Any]:
        return {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}

    dynamodb.update_continuous_backups(TableName="memory", PointInTimeRecoverySpecification=window(7))
    backups = dynamodb.describe_continuous_backups(TableName="memory")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    refused(
        "ValidationException",
        dynamodb.update_continuous_backups,
        TableName="memory",
        PointInTimeRecoverySpecification=window(36),
    )


def test_contributor_insights_are_off_until_they_are_on(dynamodb: Any, refused: Refused) -> None:
    assert dynamodb.describe_contributor_insights(TableName="memory")["ContributorInsightsStatus"] == "DISABLED"
    dynamodb.update_contributor_insights(TableName="memory", ContributorInsightsAction="ENABLE")
    assert dynamodb.describe_contributor_insights(TableName="memory")["ContributorInsightsStatus"] == "ENABLED"
    refused("ResourceNotFoundException", dynamodb.describe_contributor_insights, TableName="none")


def test_new_table_of_the_same_name_starts_afresh(dynamodb: Any) -> None:
    dynamodb.update_contributor_insights(TableName="memory", ContributorInsightsAction="ENABLE")
    dynamodb.delete_table(TableName="memory")
    dynamodb.create_table(
        TableName="memory",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "user_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "user_id", "KeyType": "HASH"}],
    )
    assert "OnDemandThroughput" not in dynamodb.describe_table(TableName="memory")["Table"]
    assert dynamodb.describe_contributor_insights(TableName="memory")["ContributorInsightsStatus"] == "DISABLED"


def test_rotation_period_of_a_key_reads_back(client: Client) -> None:
    kms = client("kms", "eu-west-1")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 180
    kms.enable_key_rotation(KeyId=key)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)


def test_tables_of_two_accounts_are_apart(dynamodb: Any, client: Client) -> None:
    other = client("dynamodb", "eu-west-1", "222222222222")
    assert other.list_tables()["TableNames"] == []
    assert dynamodb.list_tables()["TableNames"] == ["memory"]


def test_key_that_a_service_made_is_its_own(client: Client) -> None:
    kms = client("kms", "eu-west-1")
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    client("dynamodb", "eu-west-1").create_table(
        TableName="memory",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )
    managers = {
        key["KeyId"]: kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyManager"]
        for key in kms.list_keys()["Keys"]
    }
    assert managers.pop(own) == "CUSTOMER"
    assert set(managers.values()) == {"AWS"}


def test_transactions_that_fail_take_nothing_of_others_with_them(
    client: Callable[..., Any], threads_that_take_turns_often: None
) -> None:
    dynamodb = client("dynamodb", "eu-west-1")
    dynamodb.create_table(
        TableName="state",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )

    cancelled = dynamodb.exceptions.TransactionCanceledException

    def write(number: int) -> None:
        condition = {"ConditionExpression": "attribute_exists(id)"} if number % 2 else {}
        item = {"id": {"S": f"item {number}"}}
        with contextlib.suppress(cancelled):
            dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "state", "Item": item, **condition}}])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(200)))
    found = {item["id"]["S"] for item in dynamodb.scan(TableName="state")["Items"]}
    assert found == {f"item {number}" for number in range(0, 200, 2)}


def test_a_request_that_is_made_again_before_its_answer_has_one_effect(client: Callable[..., Any]) -> None:
    dynamodb = client("dynamodb", "eu-west-1")
    dynamodb.create_table(
        TableName="claims",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )

    def name_invocation(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "the same"

    dynamodb.meta.events.register("before-send.dynamodb.*", name_invocation)
    claim = {"Item": {"id": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(id)"}
    with ThreadPoolExecutor(2) as threads:
        with turn("dynamodb"):
            asked = [threads.submit(dynamodb.put_item, TableName="claims", **claim) for _ in range(2)]
            time.sleep(0.5)
        assert [each.result(10)["ResponseMetadata"]["HTTPStatusCode"] for each in asked] == [200, 200]
