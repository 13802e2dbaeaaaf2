"""The vector store refuses TLS below 1.2."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require
from aic_engine.values import Known
from aic_engine.weakening import set_to

TLS_1_2 = (
    "Policy-Min-TLS-1-2-2019-07",
    "Policy-Min-TLS-1-2-PFS-2023-10",
    "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
)
"""TLSSecurityPolicy values of the OpenSearch Service API whose floor is TLS 1.2."""


def decide(domain: Resource, graph: Graph) -> Decision:
    return require(
        domain,
        "domain_endpoint_options[0].tls_security_policy",
        lambda value: isinstance(value, Known) and value.value in TLS_1_2,
        expected="a policy with at least TLS 1.2",
        cure='set domain_endpoint_options { tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10" }',
    )


RULE = Rule(
    id="CKV_AIC_VEC_002",
    name="vectors-tls-floor",
    title="OpenSearch vectors accept TLS 1.2 or newer only",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain", "aws_elasticsearch_domain"),
    why="HTTPS with TLS 1.0 is broken encryption; not set, the service accepts TLS 1.0.",
    fix="""
domain_endpoint_options {
  enforce_https       = true
  tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
}
""",
    sources=("AWS docs, OpenSearch Service API Reference: DomainEndpointOptions.TLSSecurityPolicy",),
    built_in="CKV_AWS_228 decides the same; this reports a value that HCL cannot tell as unknown",
    controls={"FSBP-Opensearch.8": "The domain asks for a current TLS policy."},
    breaks=(
        set_to("aws_opensearch_domain", "domain_endpoint_options[0].tls_security_policy", "Policy-Min-TLS-1-0-2019-07"),
    ),
    decide=decide,
)
