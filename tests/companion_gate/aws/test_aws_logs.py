from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

NAME = "/aws/lambda/companion-worker"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents"}]})


@pytest.fixture
def logs(client: Client) -> Any:
    return client("logs", "eu-west-1")


@pytest.fixture
def key(client: Client) -> str:
    arn: str = client("kms", "eu-west-1").create_key()["KeyMetadata"]["Arn"]
    return arn


def group(logs: Any) -> dict[str, Any]:
    (found,) = logs.describe_log_groups(logGroupNamePrefix=NAME)["logGroups"]
    return dict(found)


def test_group_reads_back_with_its_key_class_and_retention(logs: Any, key: str) -> None:
    logs.create_log_group(logGroupName=NAME, kmsKeyId=key, tags={"team": "chat"})
    logs.put_retention_policy(logGroupName=NAME, retentionInDays=30)
    found = group(logs)
    assert (found["kmsKeyId"], found["logGroupClass"], found["retentionInDays"]) == (key, "STANDARD", 30)
    assert found["arn"] == f"{found['logGroupArn']}:*"
    assert logs.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"] == {"team": "chat"}
    logs.delete_retention_policy(logGroupName=NAME)
    assert "retentionInDays" not in group(logs)


def test_key_of_a_group_is_exchanged_and_taken_away(logs: Any, key: str, client: Client) -> None:
    logs.create_log_group(logGroupName=NAME, logGroupClass="INFREQUENT_ACCESS")
    assert group(logs)["logGroupClass"] == "INFREQUENT_ACCESS"
    logs.associate_kms_key(logGroupName=NAME, kmsKeyId=key)
    assert group(logs)["kmsKeyId"] == key
    other = client("kms", "eu-west-1").create_key()["KeyMetadata"]["Arn"]
    logs.associate_kms_key(resourceIdentifier=group(logs)["logGroupArn"], kmsKeyId=other)
    assert group(logs)["kmsKeyId"] == other
    logs.disassociate_kms_key(logGroupName=NAME)
    assert "kmsKeyId" not in group(logs)


def test_key_that_cannot_encrypt_is_refused(logs: Any, key: str, client: Client, refused: Refused) -> None:
    kms = client("kms", "eu-west-1")
    kms.disable_key(KeyId=key)
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    for each in (key, mac, f"{key[:-4]}0000"):
        refused("InvalidParameterException", logs.create_log_group, logGroupName=NAME, kmsKeyId=each)
    assert logs.describe_log_groups()["logGroups"] == []
    logs.create_log_group(logGroupName=NAME)
    refused("InvalidParameterException", logs.associate_kms_key, logGroupName=NAME, kmsKeyId=mac)


def test_key_of_another_account_is_taken_as_it_is(logs: Any, key: str) -> None:
    foreign = key.replace(":123456789012:", ":222222222222:")
    logs.create_log_group(logGroupName=NAME, kmsKeyId=foreign)
    assert group(logs)["kmsKeyId"] == foreign


def test_new_group_of_the_same_name_starts_afresh(logs: Any) -> None:
    logs.create_log_group(logGroupName=NAME, tags={"team": "chat"}, logGroupClass="INFREQUENT_ACCESS")
    logs.delete_log_group(logGroupName=NAME)
    logs.create_log_group(logGroupName=NAME)
    assert logs.list_tags_for_resource(resourceArn=group(logs)["logGroupArn"])["tags"] == {}
    assert group(logs)["logGroupClass"] == "STANDARD"


def test_tags_change_and_are_counted(logs: Any, refused: Refused) -> None:
    logs.create_log_group(logGroupName=NAME, tags={"team": "chat", "data": "personal"})
    arn = group(logs)["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"team": "voice"})
    logs.untag_resource(resourceArn=arn, tagKeys=["data"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "voice"}
    many = {f"key{number}": "" for number in range(50)}
    refused("TooManyTagsException", logs.tag_resource, resourceArn=arn, tags=many)


def test_what_aws_refuses(logs: Any, key: str, refused: Refused) -> None:
    refused("InvalidParameterException", logs.create_log_group, logGroupName="no blanks")
    logs.create_log_group(logGroupName=NAME)
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=NAME)
    why = refused("InvalidParameterException", logs.put_retention_policy, logGroupName=NAME, retentionInDays=31)
    assert "30, 60" in why
    missing = {"logGroupName": f"{NAME}-none"}
    for operation in (logs.delete_log_group, logs.disassociate_kms_key):
        refused("ResourceNotFoundException", operation, **missing)
    refused("ResourceNotFoundException", logs.associate_kms_key, kmsKeyId=key, **missing)
    refused("ResourceNotFoundException", logs.put_retention_policy, retentionInDays=30, **missing)
    arn = f"{group(logs)['logGroupArn']}-none"
    refused("ResourceNotFoundException", logs.list_tags_for_resource, resourceArn=arn)
    refused("ResourceNotFoundException", logs.tag_resource, resourceArn=arn, tags={"a": "b"})
    refused("ResourceNotFoundException", logs.untag_resource, resourceArn=arn, tagKeys=["a"])


def test_resource_policy_reads_back_and_is_replaced(logs: Any, refused: Refused) -> None:
    for document in (POLICY, POLICY.replace("PutLogEvents", "CreateLogStream")):
        logs.put_resource_policy(policyName="opensearch", policyDocument=document)
        (policy,) = logs.describe_resource_policies()["resourcePolicies"]
        assert (policy["policyName"], policy["policyDocument"]) == ("opensearch", document)
    for document in ("{", "{}", "[]"):
        refused("InvalidParameterException", logs.put_resource_policy, policyName="other", policyDocument=document)
    logs.delete_resource_policy(policyName="opensearch")
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    refused("ResourceNotFoundException", logs.delete_resource_policy, policyName="opensearch")


def test_groups_come_in_pages(logs: Any) -> None:
    for number in range(5):
        logs.create_log_group(logGroupName=f"{NAME}-{number}")
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2})
    names = [found["logGroupName"] for page in pages for found in page["logGroups"]]
    assert names == [f"{NAME}-{number}" for number in range(5)]
