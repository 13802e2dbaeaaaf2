"""A vector store is encrypted at rest with a key of the account."""

from __future__ import annotations

from typing import Any

from aic_engine.attributes import is_own_key, is_true
from aic_engine.graph import Graph, Resource
from aic_engine.iam import read_json
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop, edit, set_to


def decide(store: Resource, graph: Graph) -> Decision:
    if store.type == "aws_opensearch_domain":
        cure = "set encrypt_at_rest.enabled = true"
        own = is_own_key(store, "encrypt_at_rest[0].kms_key_id")
        return worst([is_true(store, "encrypt_at_rest[0].enabled", cure=cure), own])
    kind = store.get("type")
    if isinstance(kind, Known) and kind.value != "encryption":
        return not_applicable("it is no encryption policy")
    document = read_json(store.get("policy"))
    if isinstance(kind, Unknown) or isinstance(document, Unknown):
        value = kind if isinstance(kind, Unknown) else document
        return undecided("policy", expected="AWSOwnedKey false, with KmsARN", value=value)
    if document.get("AWSOwnedKey") in (False, None) and document.get("KmsARN"):
        return passed("policy")
    cure = "set AWSOwnedKey = false, and KmsARN to a key of your own"
    return failed("policy", expected="AWSOwnedKey false, with KmsARN", actual="a key of AWS", cure=cure)


def aws_owned(document: Any) -> Any:
    """AWS's own key is used."""
    return {"Rules": document["Rules"], "AWSOwnedKey": True} if "AWSOwnedKey" in document else None


RULE = Rule(
    id="CKV_AIC_VEC_004",
    name="vectors-rest-encrypted",
    title="Vectors are encrypted at rest with a customer managed key",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain", "aws_opensearchserverless_security_policy"),
    why=("From vectors the sentences that made them can be rebuilt well enough; they are as private as the sentences."),
    fix="""
encrypt_at_rest {
  enabled    = true
  kms_key_id = aws_kms_key.personal.arn
}
""",
    sources=(
        "AWS docs, Security Hub controls reference: Opensearch.1",
        "AWS docs, OpenSearch Serverless: encryption policies",
    ),
    controls={
        "FSBP-Opensearch.1": "Encryption at rest is on.",
        "GDPR-32": "Vectors are encrypted under a key whose use the operator controls.",
        "OWASP-LLM08": "Embeddings at rest cannot be read without the key.",
    },
    breaks=(
        set_to("aws_opensearch_domain", "encrypt_at_rest[0].enabled", False),
        drop("aws_opensearch_domain", "encrypt_at_rest"),
        drop("aws_opensearch_domain", "encrypt_at_rest[0].kms_key_id"),
        edit("aws_opensearchserverless_security_policy", "policy", aws_owned),
    ),
    built_in="CKV_AWS_5 and CKV_AWS_247 ask the same of domains; none asks it of collections",
    decide=decide,
)
