"""The vector store answers over HTTPS only."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require
from aic_engine.values import Absent, Value, as_bool
from aic_engine.weakening import set_to


def decide(domain: Resource, graph: Graph) -> Decision:
    options = domain.blocks("domain_endpoint_options")

    def holds(value: Value) -> bool:
        # Inside the block the provider's default is true; without the block the service's default (false) holds.
        return as_bool(value) is True or (isinstance(value, Absent) and isinstance(options, int) and options > 0)

    return require(
        domain,
        "domain_endpoint_options[0].enforce_https",
        holds,
        expected="true",
        cure="set domain_endpoint_options { enforce_https = true }",
    )


RULE = Rule(
    id="CKV_AIC_VEC_001",
    name="vectors-https-only",
    title="OpenSearch vectors are reachable over HTTPS only",
    severity=Severity.CRITICAL,
    types=("aws_opensearch_domain", "aws_elasticsearch_domain"),
    why="Vectors are memories in another form: over plain HTTP anyone on the path reads them and the credentials.",
    fix="""
domain_endpoint_options {
  enforce_https       = true
  tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
}
""",
    sources=(
        "AWS docs, Security Hub controls reference: Opensearch.8",
        "AWS provider 5.100: domain_endpoint_options.enforce_https defaults to true inside the block",
    ),
    built_in="CKV_AWS_83 decides the same on a written-out block; this knows the provider's default and dynamic blocks",
    controls={
        "FSBP-Opensearch.8": "Connections to the domain are encrypted.",
        "GDPR-32": "Memories are encrypted in transit.",
    },
    breaks=(set_to("aws_opensearch_domain", "domain_endpoint_options[0].enforce_https", False),),
    decide=decide,
)
