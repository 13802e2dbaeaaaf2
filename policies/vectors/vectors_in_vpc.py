"""A vector store is in a VPC."""

from __future__ import annotations

from typing import Any

from aic_engine.attributes import is_set
from aic_engine.graph import Graph, Resource
from aic_engine.iam import read_json
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop, edit

EXPECTED = "AllowFromPublic false in every rule, with SourceVPCEs"


def decide(store: Resource, graph: Graph) -> Decision:
    if store.type == "aws_opensearch_domain":
        return is_set(
            store, "vpc_options[0].subnet_ids", expected="subnets", cure="add vpc_options with private subnets"
        )
    kind = store.get("type")
    if isinstance(kind, Known) and kind.value != "network":
        return not_applicable("it is no network policy")
    document = read_json(store.get("policy"))
    if isinstance(kind, Unknown) or isinstance(document, Unknown):
        value = kind if isinstance(kind, Unknown) else document
        return undecided("policy", expected=EXPECTED, value=value)
    rules = document if isinstance(document, list) else [document]
    public = [rule for rule in rules if not isinstance(rule, dict) or rule.get("AllowFromPublic") not in (False, None)]
    if public:
        cure = "set AllowFromPublic = false, and SourceVPCEs to the VPC endpoint"
        return failed("policy", expected=EXPECTED, actual="AllowFromPublic true", cure=cure)
    return passed("policy")


def public(document: Any) -> Any:
    """The collection is open to the internet."""
    if not isinstance(document, list) or "AllowFromPublic" not in document[0]:
        return None
    return [{"Rules": each["Rules"], "AllowFromPublic": True} for each in document]


RULE = Rule(
    id="CKV_AIC_VEC_006",
    name="vectors-in-vpc",
    title="Vectors are not reachable from the internet",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain", "aws_opensearchserverless_security_policy"),
    why="On a public endpoint one wrong access policy publishes every memory; in a VPC it takes two mistakes.",
    fix="""
vpc_options {
  subnet_ids         = var.subnet_ids
  security_group_ids = [aws_security_group.vectors.id]
}
""",
    sources=(
        "AWS docs, Security Hub controls reference: Opensearch.2",
        "AWS docs, OpenSearch Serverless: network access",
    ),
    controls={
        "FSBP-Opensearch.2": "The domain is not publicly accessible.",
        "OWASP-LLM08": "The vector store cannot be queried from outside.",
    },
    breaks=(
        drop("aws_opensearch_domain", "vpc_options"),
        edit("aws_opensearchserverless_security_policy", "policy", public),
    ),
    built_in="CKV_AWS_137 asks the same of domains; none asks it of collections",
    decide=decide,
)
