"""The modules are applied on the emulated AWS, asked for what they promise, planned again, destroyed, and gone.

What the examples do not deploy is deployed here, so that no resource type of a module goes without.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.aws import DEFAULT_ACCOUNT
from companion_gate.gate.run import run_of
from tests.applying import Applied, Record, applied_root

# One worker of pytest-xdist applies it once, with `--dist loadgroup`.
pytestmark = pytest.mark.xdist_group("every_module")

ROOT = Path(__file__).parent / "terraform" / "every_module"


@pytest.fixture(scope="module")
def every_module(request: pytest.FixtureRequest) -> Iterator[Applied]:
    with applied_root(run_of(request.config), ROOT, DEFAULT_ACCOUNT) as made:
        yield made


def test_guardrail_has_a_numbered_version_with_the_whole_policy(every_module: Applied) -> None:
    guardrail = every_module.outputs["guardrail"]
    assert guardrail["version"] == "1"
    version = every_module.client("bedrock").get_guardrail(guardrailIdentifier=guardrail["id"], guardrailVersion="1")
    assert guardrail["fingerprint"] in version["description"]
    strengths = {
        item["type"]: (item["inputStrength"], item["outputStrength"]) for item in version["contentPolicy"]["filters"]
    }
    assert strengths.pop("PROMPT_ATTACK") == ("HIGH", "NONE")
    assert strengths == dict.fromkeys(["SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT"], ("HIGH", "HIGH"))
    assert {topic["type"] for topic in version["topicPolicy"]["topics"]} == {"DENY"}
    assert "0800 111 0 111" in version["blockedInputMessaging"]


def test_tables_expire_and_can_be_restored(every_module: Applied) -> None:
    memory = every_module.outputs["memory"]
    dynamodb = every_module.client("dynamodb")
    assert sorted(memory["tables"]) == ["connections", "memory", "state"]
    for table in memory["tables"].values():
        ttl = dynamodb.describe_time_to_live(TableName=table["name"])["TimeToLiveDescription"]
        assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        backups = dynamodb.describe_continuous_backups(TableName=table["name"])["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        description = dynamodb.describe_table(TableName=table["name"])["Table"]
        assert description["SSEDescription"]["SSEType"] == "KMS"


def test_domain_speaks_https_with_forward_secrecy(every_module: Applied) -> None:
    opensearch = every_module.client("opensearch")
    (name,) = [item["DomainName"] for item in opensearch.list_domain_names()["DomainNames"]]
    status = opensearch.describe_domain(DomainName=name)["DomainStatus"]
    assert status["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert status["DomainEndpointOptions"]["TLSSecurityPolicy"] == "Policy-Min-TLS-1-2-PFS-2023-10"
    assert status["EncryptionAtRestOptions"]["Enabled"] is True
    assert status["NodeToNodeEncryptionOptions"]["Enabled"] is True
    assert status["AdvancedSecurityOptions"]["Enabled"] is True


def test_collection_is_for_vectors_and_private(every_module: Applied) -> None:
    serverless = every_module.client("opensearchserverless")
    (collection,) = serverless.list_collections()["collectionSummaries"]
    (detail,) = serverless.batch_get_collection(ids=[collection["id"]])["collectionDetails"]
    assert detail["type"] == "VECTORSEARCH"
    assert detail["kmsKeyArn"].startswith("arn:aws:kms:")
    policies = serverless.list_security_policies(type="network")["securityPolicySummaries"]
    network = serverless.get_security_policy(name=policies[0]["name"], type="network")["securityPolicyDetail"]
    assert [rule["AllowFromPublic"] for rule in network["policy"]] == [False]


def test_endpoint_scales_within_its_bounds(every_module: Applied) -> None:
    endpoint = every_module.outputs["endpoint"]
    scaling = every_module.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["ResourceId"] == f"endpoint/{endpoint['name']}/variant/{endpoint['variant']}"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == pytest.approx(2.8)
    model = every_module.client("sagemaker").describe_model(ModelName=endpoint["model"])
    assert model["EnableNetworkIsolation"] is True


def test_another_plan_changes_nothing(every_module: Applied) -> None:
    assert every_module.changes() == []


def test_domain_leads_to_the_stage(every_module: Applied) -> None:
    gateway = every_module.client("apigatewayv2")
    (mapping,) = gateway.get_api_mappings(DomainName="chat.example.com")["Items"]
    assert (mapping["ApiId"], mapping["Stage"]) == (every_module.outputs["edge"]["id"], "live")
    (domain,) = gateway.get_domain_names()["Items"]
    assert domain["DomainNameConfigurations"][0]["SecurityPolicy"] == "TLS_1_2"


def test_account_logs_calls_of_models_with_a_key_and_an_end(every_module: Applied) -> None:
    config = every_module.client("bedrock").get_model_invocation_logging_configuration()["loggingConfig"]
    name = config["cloudWatchConfig"]["logGroupName"]
    groups = every_module.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [("kmsKeyId" in group, group["retentionInDays"] > 0) for group in groups] == [(True, True)]
    assert (
        every_module.client("apigateway")
        .get_account()["cloudwatchRoleArn"]
        .endswith(":role/companion-api-gateway-logs-eu-central-1")
    )


def test_words_are_filtered(every_module: Applied) -> None:
    (found,) = every_module.client("transcribe").list_vocabulary_filters()["VocabularyFilters"]
    assert found["LanguageCode"] == "de-DE"


def test_the_emulated_aws_knew_every_call(every_module: Applied) -> None:
    assert every_module.types
    assert every_module.aws.gaps == []


def test_destroy_leaves_nothing(every_module: Applied, record_property: Record) -> None:
    assert every_module.destroy(record_property) == frozenset()
