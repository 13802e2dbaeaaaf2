"""The vector store's TLS policy has forward secrecy."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require
from aic_engine.values import Known
from aic_engine.weakening import set_to

FORWARD_SECRET = ("Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08")


def decide(domain: Resource, graph: Graph) -> Decision:
    return require(
        domain,
        "domain_endpoint_options[0].tls_security_policy",
        lambda value: isinstance(value, Known) and value.value in FORWARD_SECRET,
        expected="a policy with forward secrecy",
        cure='set domain_endpoint_options { tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10" }',
    )


RULE = Rule(
    id="CKV_AIC_VEC_003",
    name="vectors-forward-secrecy",
    title="OpenSearch vectors use a TLS policy with forward secrecy",
    severity=Severity.MEDIUM,
    types=("aws_opensearch_domain", "aws_elasticsearch_domain"),
    why="Without forward secrecy, whoever records the traffic today reads every memory in it once a key leaks.",
    fix="""
domain_endpoint_options {
  enforce_https       = true
  tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
}
""",
    sources=("AWS docs, Security Hub controls reference: Opensearch.8 (latest TLS security policy)",),
    built_in="CKV_AWS_228 accepts policies without forward secrecy",
    controls={"GDPR-32": "Recorded traffic stays unreadable if a key leaks later."},
    breaks=(
        set_to("aws_opensearch_domain", "domain_endpoint_options[0].tls_security_policy", "Policy-Min-TLS-1-2-2019-07"),
    ),
    decide=decide,
)
