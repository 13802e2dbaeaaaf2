"""The vector stores that the README examples of modules/memory-vectors deploy."""

from __future__ import annotations

import json

from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES

_SERVERLESS = 'module.vectors_serverless.module.serverless["serverless"].aws_opensearchserverless'


def test_nothing_of_the_collection_is_public(plans: ExamplePlans) -> None:
    policies = values_of(plans, "vectors_serverless", "aws_opensearchserverless_security_policy")
    encryption = policies[f"{_SERVERLESS}_security_policy.encryption"]
    assert json.loads(encryption["policy"])["AWSOwnedKey"] is False
    # The network policy names an endpoint that does not exist yet, so only the source can tell.
    assert "AllowFromPublic = false" in (MODULES / "memory-vectors/serverless/main.tf").read_text()
    (access,) = values_of(plans, "vectors_serverless", "aws_opensearchserverless_access_policy").values()
    rules = [rule for entry in json.loads(access["policy"]) for rule in entry["Rules"]]
    assert all("*" not in json.dumps(rule) for rule in rules)


def test_the_domain_is_in_three_zones_and_logs(plans: ExamplePlans) -> None:
    (domain,) = values_of(plans, "vectors_domain", "aws_opensearch_domain").values()
    assert len(domain["vpc_options"][0]["subnet_ids"]) == 3
    assert {log["log_type"] for log in domain["log_publishing_options"]} == {
        "AUDIT_LOGS", "ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS",
    }  # fmt: skip


def test_no_input_weakens_the_domain() -> None:
    assert_literals(
        "memory-vectors/domain",
        "aws_opensearch_domain",
        "this",
        {
            "domain_endpoint_options.enforce_https": "true",
            "domain_endpoint_options.tls_security_policy": '"Policy-Min-TLS-1-2-PFS-2023-10"',
            "encrypt_at_rest.enabled": "true",
            "node_to_node_encryption.enabled": "true",
            "advanced_security_options.enabled": "true",
            "advanced_security_options.anonymous_auth_enabled": "false",
            "cluster_config.dedicated_master_enabled": "true",
            "cluster_config.zone_awareness_enabled": "true",
        },
    )


def test_the_collection_is_for_vectors() -> None:
    assert_literals(
        "memory-vectors/serverless", "aws_opensearchserverless_collection", "this", {"type": '"VECTORSEARCH"'}
    )


def test_sizes_are_known_before_anything_exists(plans: ExamplePlans) -> None:
    assert contract(plans, "vectors_domain")["storage_gib"] == 600
    assert contract(plans, "vectors_serverless")["nodes"] is None
