"""What a transaction that fails leaves behind: nothing, in the table and in its stream."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]


@pytest.fixture
def dynamodb(client: Client) -> Any:
    """DynamoDB with a table `diary` that has a stream."""
    made = client("dynamodb", "eu-west-1")
    made.create_table(
        TableName="diary",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("user", "entry")],
        KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    put(made, "a", words="before")
    return made


def item(entry: str, **attributes: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"user": "ann", "entry": entry, **attributes}.items()}


def put(dynamodb: Any, entry: str, **attributes: str) -> None:
    dynamodb.put_item(TableName="diary", Item=item(entry, **attributes))


def entries(dynamodb: Any) -> dict[str, str]:
    found = dynamodb.scan(TableName="diary", ConsistentRead=True)["Items"]
    return {each["entry"]["S"]: each.get("words", {}).get("S", "") for each in found}


IMPOSSIBLE = {
    "ConditionCheck": {"TableName": "diary", "Key": item("none"), "ConditionExpression": "attribute_exists(entry)"}
}
WRITES = {
    "Put": {"TableName": "diary", "Item": item("a", words="after")},
    "Delete": {"TableName": "diary", "Key": item("a")},
    "Update": {
        "TableName": "diary",
        "Key": item("a"),
        "UpdateExpression": "SET words = :words",
        "ExpressionAttributeValues": {":words": {"S": "after"}},
    },
}


@pytest.mark.parametrize("write", WRITES)
def test_nothing_of_a_failed_transaction_stays(dynamodb: Any, client: Client, write: str) -> None:
    streams = client("dynamodbstreams", "eu-west-1")
    arn = dynamodb.describe_table(TableName="diary")["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    read = streams.get_records(ShardIterator=start["ShardIterator"])
    assert len(read["Records"]) == 1
    further = {"Put": {"TableName": "diary", "Item": item("b")}}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[{write: WRITES[write]}, further, IMPOSSIBLE])
    assert entries(dynamodb) == {"a": "before"}
    # Whoever follows the stream hears of what comes next, and of nothing before.
    put(dynamodb, "c")
    read = streams.get_records(ShardIterator=read["NextShardIterator"])
    assert [each["dynamodb"]["Keys"]["entry"]["S"] for each in read["Records"]] == ["c"]
    dynamodb.transact_write_items(TransactItems=[{write: WRITES[write]}, further])
    assert set(entries(dynamodb).items()) ^ {("b", ""), ("c", "")} <= {("a", "after")}


def test_a_transaction_takes_no_longer_for_a_large_table(dynamodb: Any) -> None:
    def median() -> float:
        took = []
        for number in range(15):
            began = time.perf_counter()
            put_one = {"Put": {"TableName": "diary", "Item": item(f"one {number}")}}
            dynamodb.transact_write_items(TransactItems=[put_one])
            took.append(time.perf_counter() - began)
        return statistics.median(took)

    small = median()
    for start in range(0, 3000, 25):
        requests = [{"PutRequest": {"Item": item(f"many {start + number}", words="w" * 50)}} for number in range(25)]
        dynamodb.batch_write_item(RequestItems={"diary": requests})
    # A copy of every item took fifty times as long.
    assert median() < 6 * small
