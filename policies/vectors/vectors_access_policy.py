"""The access policy of a vector store is not for everybody."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import as_tuple, read_json
from aic_engine.openness import is_anybody, is_for_named_principals
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Absent, Unknown
from aic_engine.weakening import edit

EXPECTED = "named principals"
CURE = "name the roles that search and index"


def decide(store: Resource, graph: Graph) -> Decision:
    if store.type == "aws_opensearchserverless_access_policy":
        return _serverless(store)
    if isinstance(store.get("access_policies"), Absent):
        return not_applicable("it has no access policy of its own")
    return is_for_named_principals(store, "access_policies")


def _serverless(policy: Resource) -> Decision:
    document = read_json(policy.get("policy"))
    if isinstance(document, Unknown):
        return undecided("policy", expected=EXPECTED, value=document)
    rules = document if isinstance(document, list) else [document]
    for rule in rules:
        named = as_tuple(rule.get("Principal")) if isinstance(rule, dict) else ("*",)
        anybody = [is_anybody(each) for each in named]
        if True in anybody:
            return failed("policy", expected=EXPECTED, actual="a rule for everybody", cure=CURE)
        if None in anybody:
            return undecided("policy", expected=EXPECTED, value=Unknown("a principal is not known", "name it"))
        permissions = [each for part in rule.get("Rules", ()) for each in as_tuple(part.get("Permission"))]
        if "aoss:*" in permissions and any("index" in str(part.get("ResourceType")) for part in rule["Rules"]):
            return failed("policy", expected="the permissions that clients need", actual="aoss:*", cure=CURE)
    return passed("policy")


def for_everybody(document: Any) -> Any:
    """The first statement or rule is for everybody."""
    if isinstance(document, list):
        return [{**document[0], "Principal": ["*"]}, *document[1:]]
    first, *others = document["Statement"]
    return {**document, "Statement": [{**first, "Principal": {"AWS": "*"}}, *others]}


RULE = Rule(
    id="CKV_AIC_VEC_008",
    name="vectors-access-policy",
    title="Access policies of vectors name who may read",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain", "aws_opensearch_domain_policy", "aws_opensearchserverless_access_policy"),
    why="An access policy for everybody turns whoever finds the endpoint into a reader of memories.",
    fix="""
Principal = { AWS = [aws_iam_role.worker.arn] }
""",
    sources=(
        "AWS docs, OpenSearch Service: identity and access management; resource-based policies",
        "AWS docs, OpenSearch Serverless: data access control",
    ),
    controls={
        "OWASP-LLM08": "Only named roles can query embeddings.",
        "GDPR-32": "Access to personal data is limited to named roles.",
    },
    breaks=(
        edit("aws_opensearch_domain_policy", "access_policies", for_everybody),
        edit("aws_opensearchserverless_access_policy", "policy", for_everybody),
    ),
    built_in="Checkov asks for a policy on Elasticsearch domains only, not for whom it is",
    decide=decide,
)
