from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
RULE = {"ResourceType": "collection", "Resource": ["collection/vectors*"]}
ENCRYPTION = {"Rules": [RULE], "AWSOwnedKey": False, "KmsARN": KEY}
PRIVATE = [{"Rules": [RULE], "AllowFromPublic": False, "SourceVPCEs": ["vpce-1"]}]
INDEX_RULE = {"ResourceType": "index", "Resource": ["index/vectors/*"], "Permission": ["aoss:ReadDocument"]}
DATA = [{"Rules": [INDEX_RULE], "Principal": ["arn:aws:iam::123456789012:role/companion"]}]


@pytest.fixture
def aoss(client: Client) -> Any:
    return client("opensearchserverless", "eu-west-1")


@pytest.fixture
def encrypted(aoss: Any) -> Any:
    """OpenSearch Serverless with an encryption policy for the collections `vectors*`."""
    aoss.create_security_policy(name="vectors", type="encryption", policy=json.dumps(ENCRYPTION))
    return aoss


def test_security_policy_is_created_read_updated_and_deleted(aoss: Any, refused: Refused) -> None:
    created = aoss.create_security_policy(
        name="vectors", type="network", description="private", policy=json.dumps(PRIVATE)
    )["securityPolicyDetail"]
    assert created["policy"] == PRIVATE
    refused(
        "ConflictException", aoss.create_security_policy, name="vectors", type="network", policy=json.dumps(PRIVATE)
    )
    public = [{"Rules": [RULE], "AllowFromPublic": True}]
    change = {"name": "vectors", "type": "network", "policyVersion": created["policyVersion"]}
    updated = aoss.update_security_policy(**change, policy=json.dumps(public))["securityPolicyDetail"]
    assert updated["policy"] == public
    assert updated["description"] == "private"
    assert updated["policyVersion"] != created["policyVersion"]
    refused("ConflictException", aoss.update_security_policy, **change, policy=json.dumps(PRIVATE))
    assert aoss.get_security_policy(name="vectors", type="network")["securityPolicyDetail"] == updated
    refused("ResourceNotFoundException", aoss.get_security_policy, name="vectors", type="encryption")
    aoss.delete_security_policy(name="vectors", type="network")
    refused("ResourceNotFoundException", aoss.delete_security_policy, name="vectors", type="network")


def test_access_policy_is_created_read_updated_and_deleted(aoss: Any, refused: Refused) -> None:
    created = aoss.create_access_policy(name="vectors", type="data", policy=json.dumps(DATA))["accessPolicyDetail"]
    updated = aoss.update_access_policy(
        name="vectors", type="data", policyVersion=created["policyVersion"], description="readers"
    )["accessPolicyDetail"]
    assert (updated["policy"], updated["description"]) == (DATA, "readers")
    assert aoss.get_access_policy(name="vectors", type="data")["accessPolicyDetail"] == updated
    assert [row["name"] for row in aoss.list_access_policies(type="data")["accessPolicySummaries"]] == ["vectors"]
    aoss.delete_access_policy(name="vectors", type="data")
    refused("ResourceNotFoundException", aoss.get_access_policy, name="vectors", type="data")


def test_lifecycle_policies_are_read_in_batches(aoss: Any) -> None:
    policy = {"Rules": [{"ResourceType": "index", "Resource": ["index/logs/*"], "MinIndexRetention": "30d"}]}
    aoss.create_lifecycle_policy(name="logs", type="retention", policy=json.dumps(policy))
    asked = [{"type": "retention", "name": name} for name in ("logs", "none")]
    answer = aoss.batch_get_lifecycle_policy(identifiers=asked)
    assert [row["policy"] for row in answer["lifecyclePolicyDetails"]] == [policy]
    assert [row["name"] for row in answer["lifecyclePolicyErrorDetails"]] == ["none"]


def test_policies_are_listed_by_type_and_resource_in_pages(aoss: Any) -> None:
    for number in range(3):
        rule = {"ResourceType": "collection", "Resource": [f"collection/c{number}"]}
        policy = json.dumps({"Rules": [rule], "AWSOwnedKey": True})
        aoss.create_security_policy(name=f"policy-{number}", type="encryption", policy=policy)
    aoss.create_security_policy(name="net", type="network", policy=json.dumps(PRIVATE))
    first = aoss.list_security_policies(type="encryption", maxResults=2)
    rest = aoss.list_security_policies(type="encryption", maxResults=2, nextToken=first["nextToken"])
    names = [row["name"] for page in (first, rest) for row in page["securityPolicySummaries"]]
    assert names == ["policy-0", "policy-1", "policy-2"]
    assert "nextToken" not in rest
    found = aoss.list_security_policies(type="encryption", resource=["collection/c1"])["securityPolicySummaries"]
    assert [row["name"] for row in found] == ["policy-1"]


@pytest.mark.parametrize(
    ("policy_type", "policy"),
    [
        ("encryption", "not json"),
        ("encryption", json.dumps([ENCRYPTION])),
        ("encryption", json.dumps({"Rules": [RULE]})),
        ("encryption", json.dumps({"AWSOwnedKey": True})),
        ("network", json.dumps(PRIVATE[0])),
        ("network", json.dumps([{"Rules": [RULE], "AllowFromPublic": False}])),
    ],
)
def test_policy_that_says_too_little_is_refused(aoss: Any, refused: Refused, policy_type: str, policy: str) -> None:
    message = refused(
        "ValidationException", aoss.create_security_policy, name="vectors", type=policy_type, policy=policy
    )
    assert "Policy json is invalid" in message


def test_data_policy_needs_a_principal(aoss: Any, refused: Refused) -> None:
    policy = json.dumps([{"Rules": [INDEX_RULE]}])
    refused("ValidationException", aoss.create_access_policy, name="vectors", type="data", policy=policy)


def test_collection_is_active_with_the_key_of_its_policy(encrypted: Any) -> None:
    created = encrypted.create_collection(
        name="vectors", type="VECTORSEARCH", description="memory", tags=[{"key": "team", "value": "memory"}]
    )["createCollectionDetail"]
    (read,) = encrypted.batch_get_collection(ids=[created["id"]])["collectionDetails"]
    assert (read["status"], read["type"], read["kmsKeyArn"]) == ("ACTIVE", "VECTORSEARCH", KEY)
    assert read["arn"] == f"arn:aws:aoss:eu-west-1:123456789012:collection/{read['id']}"
    assert read["collectionEndpoint"] == f"https://{read['id']}.eu-west-1.aoss.amazonaws.com"
    assert encrypted.list_tags_for_resource(resourceArn=read["arn"])["tags"] == [{"key": "team", "value": "memory"}]
    encrypted.update_collection(id=read["id"], description="vectors of memories")
    (again,) = encrypted.batch_get_collection(names=["vectors"])["collectionDetails"]
    assert again["description"] == "vectors of memories"


def test_collection_without_a_matching_encryption_policy_is_refused(encrypted: Any, refused: Refused) -> None:
    message = refused("ValidationException", encrypted.create_collection, name="other", type="VECTORSEARCH")
    assert "No matching security policy of encryption type" in message


def test_collection_names_are_unique_and_free_after_deletion(encrypted: Any, refused: Refused) -> None:
    created = encrypted.create_collection(name="vectors", type="VECTORSEARCH")["createCollectionDetail"]
    refused("ConflictException", encrypted.create_collection, name="vectors", type="SEARCH")
    assert encrypted.delete_collection(id=created["id"])["deleteCollectionDetail"]["status"] == "DELETING"
    answer = encrypted.batch_get_collection(ids=[created["id"]])
    assert answer["collectionDetails"] == []
    assert answer["collectionErrorDetails"][0]["errorCode"] == "NOT_FOUND"
    refused("ResourceNotFoundException", encrypted.delete_collection, id=created["id"])
    encrypted.create_collection(name="vectors", type="VECTORSEARCH")


def test_collections_are_listed_by_filter_in_pages(encrypted: Any, client: Client) -> None:
    for number in range(3):
        encrypted.create_collection(name=f"vectors-{number}", type="VECTORSEARCH")
    first = encrypted.list_collections(maxResults=2)
    rest = encrypted.list_collections(maxResults=2, nextToken=first["nextToken"])
    assert [len(page["collectionSummaries"]) for page in (first, rest)] == [2, 1]
    (found,) = encrypted.list_collections(collectionFilters={"name": "vectors-1"})["collectionSummaries"]
    assert found["name"] == "vectors-1"
    other = client("opensearchserverless", "eu-west-1", "222222222222")
    assert other.list_collections()["collectionSummaries"] == []


def test_vpc_endpoint_is_one_of_ec2_too(aoss: Any, client: Client, refused: Refused) -> None:
    ec2 = client("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="aoss", Description="aoss", VpcId=vpc)["GroupId"]
    settings = {"name": "vectors", "vpcId": vpc, "subnetIds": [subnet], "securityGroupIds": [group]}
    endpoint = aoss.create_vpc_endpoint(**settings)["createVpcEndpointDetail"]["id"]
    (read,) = aoss.batch_get_vpc_endpoint(ids=[endpoint])["vpcEndpointDetails"]
    assert {key: read[key] for key in settings} == settings
    (in_ec2,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    assert in_ec2["VpcId"] == vpc
    assert [row["id"] for row in aoss.list_vpc_endpoints()["vpcEndpointSummaries"]] == [endpoint]
    refused("ConflictException", aoss.create_vpc_endpoint, **settings)

    second = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    aoss.update_vpc_endpoint(id=endpoint, addSubnetIds=[second], removeSubnetIds=[subnet])
    assert aoss.batch_get_vpc_endpoint(ids=[endpoint])["vpcEndpointDetails"][0]["subnetIds"] == [second]

    aoss.delete_vpc_endpoint(id=endpoint)
    assert [row["State"] for row in ec2.describe_vpc_endpoints()["VpcEndpoints"]] == ["deleted"]
    assert aoss.batch_get_vpc_endpoint(ids=[endpoint])["vpcEndpointErrorDetails"][0]["errorCode"] == "NOT_FOUND"
    refused("ResourceNotFoundException", aoss.delete_vpc_endpoint, id=endpoint)
    refused("ValidationException", aoss.create_vpc_endpoint, name="other", vpcId="vpc-none", subnetIds=[subnet])
