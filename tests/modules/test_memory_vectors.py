"""The vector stores that the README examples of modules/memory-vectors deploy."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from companion_gate.fixtures import PlanManyCases
from companion_gate.hcl.documents import read_module
from companion_gate.plan.cases import PlanCases

from .cases.memory_vectors import BASE
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
            "encrypt_at_rest.kms_key_id": "var.kms_key_arn",
            "node_to_node_encryption.enabled": "true",
            "advanced_security_options.enabled": "true",
            "advanced_security_options.anonymous_auth_enabled": "false",
            "cluster_config.dedicated_master_enabled": "true",
            "cluster_config.zone_awareness_enabled": "true",
        },
    )


def test_the_domain_is_kept_up_to_date_while_few_are_awake() -> None:
    assert_literals(
        "memory-vectors/domain",
        "aws_opensearch_domain",
        "this",
        {
            "auto_tune_options.desired_state": '"ENABLED"',
            "auto_tune_options.use_off_peak_window": "true",
            "off_peak_window_options.enabled": "true",
            "software_update_options.auto_software_update_enabled": "true",
        },
    )


def test_terraform_waits_for_as_long_as_a_large_domain_takes() -> None:
    waits = {"timeouts.create": '"120m"', "timeouts.update": '"120m"', "timeouts.delete": '"120m"'}
    assert_literals("memory-vectors/domain", "aws_opensearch_domain", "this", waits)
    # A policy has no time-out of its own for its creation.
    del waits["timeouts.create"]
    assert_literals("memory-vectors/domain", "aws_opensearch_domain_policy", "this", waits)


def test_named_roles_reach_the_domain_and_nobody_else() -> None:
    # The policy names a domain that does not exist yet, so only the source can tell.
    (policy,) = read_module(MODULES / "memory-vectors/domain").blocks(
        "resource", "aws_opensearch_domain_policy", "this"
    )
    attribute = policy.attribute("access_policies")
    assert attribute
    text = attribute.value.text
    principals = "{ AWS = sort(concat([var.admin_role_arn], tolist(var.client_role_arns))) }"
    assert re.findall(r"\n +Principal +=+ (.+)", text) == [principals]
    assert re.findall(r"\n +Resource +=+ (.+)", text) == ['"${aws_opensearch_domain.this.arn}/*"']
    actions = {f"es:ESHttp{method}" for method in ("Delete", "Get", "Head", "Post", "Put")}
    assert set(re.findall(r'"(\w+:[^"]*)"', text)) == actions
    assert "NotPrincipal" not in text


@pytest.fixture(scope="module")
def engines(plan_cases: PlanManyCases) -> PlanCases:
    serverless = {**BASE, "engine": "serverless", "domain": None, "dimension": 256}
    return plan_cases(MODULES / "memory-vectors", {"domain": BASE, "serverless": serverless})


@pytest.mark.parametrize(
    ("engine", "dimension", "method"),
    [
        ("domain", 1024, {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"}),
        ("serverless", 256, {"name": "hnsw", "engine": "faiss", "space_type": "innerproduct"}),
    ],
)
def test_the_index_finds_one_users_vectors_and_takes_no_other_field(
    engine: str, dimension: int, method: dict[str, Any], engines: PlanCases
) -> None:
    plan = engines[engine]
    index = json.loads(plan.output("vectors.index_definition"))
    assert index["settings"] == {"index": {"knn": True}}
    assert index["mappings"] == {
        "dynamic": "strict",
        "properties": {
            # Not analysed: a filter on a user must not find another whose id shares a word with theirs.
            "user_id": {"type": "keyword"},
            "memory_id": {"type": "keyword"},
            "expires_at": {"type": "date", "format": "epoch_second"},
            "embedding": {"type": "knn_vector", "dimension": dimension, "method": method},
        },
    }
    assert plan.output("vectors.dimension") == dimension
    # The inner product is the cosine of vectors of length 1 only.
    assert plan.output("vectors.normalise") is (method["space_type"] == "innerproduct")


def test_the_collection_is_for_vectors() -> None:
    assert_literals(
        "memory-vectors/serverless", "aws_opensearchserverless_collection", "this", {"type": '"VECTORSEARCH"'}
    )


def test_sizes_are_known_before_anything_exists(plans: ExamplePlans) -> None:
    assert contract(plans, "vectors_domain")["storage_gib"] == 600
    assert contract(plans, "vectors_serverless")["nodes"] is None
