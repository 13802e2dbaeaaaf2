from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
SAFE = {
    "EncryptionAtRestOptions": {"Enabled": True, "KmsKeyId": KEY},
    "NodeToNodeEncryptionOptions": {"Enabled": True},
    "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
}
MASTER = {"MasterUserARN": "arn:aws:iam::123456789012:role/companion"}
ACCESS_CONTROL = {"AdvancedSecurityOptions": {"Enabled": True, "MasterUserOptions": MASTER}}
LOGS = {"AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:a", "Enabled": True}}


def zones(count: int, nodes: int) -> dict[str, Any]:
    placement = {"ZoneAwarenessEnabled": True, "ZoneAwarenessConfig": {"AvailabilityZoneCount": count}}
    return {"ClusterConfig": {"InstanceType": "r6g.large.search", "InstanceCount": nodes, **placement}}


@pytest.fixture
def opensearch(client: Client) -> Any:
    return client("opensearch", "eu-west-1")


@pytest.fixture
def network(client: Client) -> dict[str, Any]:
    """Two subnets in two zones, and their VPC."""
    ec2 = client("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    return {"vpc": vpc, "subnets": [subnet["SubnetId"] for subnet in subnets]}


def test_new_domain_is_ready_and_reads_back_what_was_sent(opensearch: Any, network: dict[str, Any]) -> None:
    created = opensearch.create_domain(
        DomainName="vectors",
        EngineVersion="OpenSearch_2.19",
        **zones(2, 2),
        **SAFE,
        **ACCESS_CONTROL,
        VPCOptions={"SubnetIds": network["subnets"], "SecurityGroupIds": ["sg-1"]},
        AutoTuneOptions={"DesiredState": "ENABLED", "UseOffPeakWindow": True},
        OffPeakWindowOptions={"Enabled": True, "OffPeakWindow": {"WindowStartTime": {"Hours": 2, "Minutes": 0}}},
        SoftwareUpdateOptions={"AutoSoftwareUpdateEnabled": True},
        TagList=[{"Key": "team", "Value": "memory"}],
    )["DomainStatus"]
    read = opensearch.describe_domain(DomainName="vectors")["DomainStatus"]
    assert read == created
    assert (read["Processing"], read["Deleted"], read["DomainProcessingStatus"]) == (False, False, "Active")
    assert read["ARN"] == "arn:aws:es:eu-west-1:123456789012:domain/vectors"
    assert read["VPCOptions"] == {
        "VPCId": network["vpc"],
        "SubnetIds": network["subnets"],
        "AvailabilityZones": ["eu-west-1a", "eu-west-1b"],
        "SecurityGroupIds": ["sg-1"],
    }
    assert set(read["Endpoints"]) == {"vpc"}
    assert "MasterUserOptions" not in read["AdvancedSecurityOptions"]
    assert read["AutoTuneOptions"] == {"State": "ENABLED", "UseOffPeakWindow": True}
    assert opensearch.list_tags(ARN=read["ARN"])["TagList"] == [{"Key": "team", "Value": "memory"}]
    config = opensearch.describe_domain_config(DomainName="vectors")["DomainConfig"]
    assert config["AutoTuneOptions"]["Options"]["DesiredState"] == "ENABLED"
    assert config["EncryptionAtRestOptions"]["Options"] == SAFE["EncryptionAtRestOptions"]
    assert {section["Status"]["State"] for section in config.values()} == {"Active", "ENABLED"}
    assert opensearch.describe_domains(DomainNames=["vectors", "none"])["DomainStatusList"] == [read]


def test_policy_is_set_and_removed(opensearch: Any) -> None:
    opensearch.create_domain(DomainName="vectors")
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    for expected in (policy, ""):
        opensearch.update_domain_config(DomainName="vectors", AccessPolicies=expected)
        assert opensearch.describe_domain(DomainName="vectors")["DomainStatus"]["AccessPolicies"] == expected


def test_dry_run_changes_nothing(opensearch: Any) -> None:
    opensearch.create_domain(DomainName="vectors", EBSOptions={"EBSEnabled": True, "VolumeSize": 10})
    answer = opensearch.update_domain_config(
        DomainName="vectors", EBSOptions={"EBSEnabled": True, "VolumeSize": 20}, DryRun=True
    )
    assert answer["DryRunResults"]["DeploymentType"] == "DynamicUpdate"
    assert opensearch.describe_domain(DomainName="vectors")["DomainStatus"]["EBSOptions"]["VolumeSize"] == 10
    opensearch.update_domain_config(DomainName="vectors", EBSOptions={"EBSEnabled": True, "VolumeSize": 20})
    assert opensearch.describe_domain(DomainName="vectors")["DomainStatus"]["EBSOptions"]["VolumeSize"] == 20


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"EngineVersion": "OpenSearch_2.99"}, "OpenSearch_2.99"),
        (zones(3, 2), "three data nodes"),
        (zones(2, 3), "even number"),
        (ACCESS_CONTROL, "EncryptionAtRestOptions.Enabled"),
        ({**ACCESS_CONTROL, **SAFE, "NodeToNodeEncryptionOptions": {"Enabled": False}}, "NodeToNodeEncryption"),
        ({**ACCESS_CONTROL, **SAFE, "DomainEndpointOptions": {"EnforceHTTPS": False}}, "EnforceHTTPS"),
        ({"VPCOptions": {"SubnetIds": ["subnet-none"]}}, "subnet-none"),
        ({"LogPublishingOptions": LOGS}, "Resource Access Policy"),
    ],
)
def test_what_plan_lets_through_is_refused(
    opensearch: Any, refused: Refused, settings: dict[str, Any], message: str
) -> None:
    assert message in refused("ValidationException", opensearch.create_domain, DomainName="vectors", **settings)
    refused("ResourceNotFoundException", opensearch.describe_domain, DomainName="vectors")


def test_subnets_match_the_zones(opensearch: Any, network: dict[str, Any], refused: Refused) -> None:
    one = {"VPCOptions": {"SubnetIds": network["subnets"][:1]}}
    assert "exactly 2 subnets" in refused(
        "ValidationException", opensearch.create_domain, DomainName="vectors", **zones(2, 2), **one
    )


def test_logs_are_written_once_a_policy_lets_opensearch(opensearch: Any, client: Client) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "es.amazonaws.com"}, "Action": "logs:*", "Resource": "*"}
    client("logs", "eu-west-1").put_resource_policy(
        policyName="vectors", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    created = opensearch.create_domain(DomainName="vectors", LogPublishingOptions=LOGS)["DomainStatus"]
    assert created["LogPublishingOptions"] == LOGS


def test_update_is_held_against_the_settings_that_stay(opensearch: Any, refused: Refused) -> None:
    opensearch.create_domain(DomainName="vectors", **SAFE, **ACCESS_CONTROL)
    plain = {"DomainEndpointOptions": {"EnforceHTTPS": False}}
    refused("ValidationException", opensearch.update_domain_config, DomainName="vectors", **plain)
    read = opensearch.describe_domain(DomainName="vectors")["DomainStatus"]
    assert read["DomainEndpointOptions"]["EnforceHTTPS"] is True


def test_domain_is_gone_once_deleted(opensearch: Any, client: Client, refused: Refused) -> None:
    opensearch.create_domain(DomainName="vectors")
    refused("ResourceAlreadyExistsException", opensearch.create_domain, DomainName="vectors")
    for place in (("us-east-1", "123456789012"), ("eu-west-1", "222222222222")):
        refused("ResourceNotFoundException", client("opensearch", *place).describe_domain, DomainName="vectors")
    assert opensearch.delete_domain(DomainName="vectors")["DomainStatus"]["Deleted"] is True
    for operation in (opensearch.describe_domain, opensearch.describe_domain_config, opensearch.delete_domain):
        refused("ResourceNotFoundException", operation, DomainName="vectors")
