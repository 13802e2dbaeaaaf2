"""The modules are applied on the emulated AWS, asked for what they promise, planned again, destroyed, and gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_terraform import terraform

from companion_gate.aws.target import AwsTarget

REGION = "eu-central-1"
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client(aws: AwsTarget) -> Client:
    return lambda service: aws.client(service, REGION)


@pytest.fixture(scope="module", autouse=True)
def _nothing_left(request: pytest.FixtureRequest, client: Client) -> Any:
    """Runs last, after every apply fixture of this module was destroyed."""
    yield
    assert client("dynamodb").list_tables()["TableNames"] == []
    assert client("opensearch").list_domain_names()["DomainNames"] == []
    assert client("opensearchserverless").list_collections()["collectionSummaries"] == []
    assert client("sagemaker").list_endpoints()["Endpoints"] == []
    assert (
        client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
        == []
    )
    # skip_destroy keeps a guardrail's versions for callers in flight; deleting the guardrail takes them along.
    assert client("bedrock").list_guardrails()["guardrails"] == []


@terraform("every_module", scope="module")
def test_guardrail_has_a_numbered_version_with_the_whole_policy(every_module: Any, client: Client) -> None:
    guardrail = every_module.runner.outputs()["guardrail"]
    assert guardrail["version"] == "1"
    version = client("bedrock").get_guardrail(guardrailIdentifier=guardrail["id"], guardrailVersion="1")
    assert guardrail["fingerprint"] in version["description"]
    strengths = {
        item["type"]: (item["inputStrength"], item["outputStrength"]) for item in version["contentPolicy"]["filters"]
    }
    assert strengths.pop("PROMPT_ATTACK") == ("HIGH", "NONE")
    assert strengths == dict.fromkeys(["SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT"], ("HIGH", "HIGH"))
    assert {topic["type"] for topic in version["topicPolicy"]["topics"]} == {"DENY"}
    assert "0800 111 0 111" in version["blockedInputMessaging"]


@terraform("every_module", scope="module")
def test_tables_expire_and_can_be_restored(every_module: Any, client: Client) -> None:
    memory = every_module.runner.outputs()["memory"]
    dynamodb = client("dynamodb")
    assert sorted(memory["tables"]) == ["connections", "memory", "state"]
    for table in memory["tables"].values():
        ttl = dynamodb.describe_time_to_live(TableName=table["name"])["TimeToLiveDescription"]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        backups = dynamodb.describe_continuous_backups(TableName=table["name"])["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        description = dynamodb.describe_table(TableName=table["name"])["Table"]
        assert description["SSEDescription"]["SSEType"] == "KMS"


@terraform("every_module", scope="module")
def test_domain_speaks_https_with_forward_secrecy(every_module: Any, client: Client) -> None:
    opensearch = client("opensearch")
    (name,) = [item["DomainName"] for item in opensearch.list_domain_names()["DomainNames"]]
    status = opensearch.describe_domain(DomainName=name)["DomainStatus"]
    assert status["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert status["DomainEndpointOptions"]["TLSSecurityPolicy"] == "Policy-Min-TLS-1-2-PFS-2023-10"
    assert status["EncryptionAtRestOptions"]["Enabled"] is True
    assert status["NodeToNodeEncryptionOptions"]["Enabled"] is True
    assert status["AdvancedSecurityOptions"]["Enabled"] is True


@terraform("every_module", scope="module")
def test_collection_is_for_vectors_and_private(every_module: Any, client: Client) -> None:
    serverless = client("opensearchserverless")
    (collection,) = serverless.list_collections()["collectionSummaries"]
    (detail,) = serverless.batch_get_collection(ids=[collection["id"]])["collectionDetails"]
    assert detail["type"] == "VECTORSEARCH"
    assert detail["kmsKeyArn"].startswith("arn:aws:kms:")
    policies = serverless.list_security_policies(type="network")["securityPolicySummaries"]
    network = serverless.get_security_policy(name=policies[0]["name"], type="network")["securityPolicyDetail"]
    assert [rule["AllowFromPublic"] for rule in network["policy"]] == [False]


@terraform("every_module", scope="module")
def test_endpoint_scales_within_its_bounds(every_module: Any, client: Client) -> None:
    endpoint = every_module.runner.outputs()["endpoint"]
    scaling = client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["ResourceId"] == f"endpoint/{endpoint['name']}/variant/{endpoint['variant']}"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == pytest.approx(2.8)
    model = client("sagemaker").describe_model(ModelName=endpoint["model"])
    assert model["EnableNetworkIsolation"] is True


@terraform("every_module", scope="module")
def test_another_plan_changes_nothing(every_module: Any) -> None:
    assert every_module.runner.changes() == []


@terraform("every_module", scope="module")
def test_the_emulated_aws_knew_every_call(every_module: Any, aws: AwsTarget) -> None:
    assert every_module.resources
    assert aws.gaps == []
