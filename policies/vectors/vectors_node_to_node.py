"""A domain encrypts what its nodes say to each other."""

from __future__ import annotations

from aic_engine.attributes import is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop, set_to


def decide(domain: Resource, graph: Graph) -> Decision:
    return is_true(domain, "node_to_node_encryption[0].enabled", cure="add node_to_node_encryption { enabled = true }")


RULE = Rule(
    id="CKV_AIC_VEC_005",
    name="vectors-node-to-node",
    title="Vectors are encrypted between nodes",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain",),
    why=("Memories travel between nodes with every write and search; one tap in the cluster's network reads them all."),
    fix="""
node_to_node_encryption {
  enabled = true
}
""",
    sources=("AWS docs, Security Hub controls reference: Opensearch.3",),
    controls={
        "FSBP-Opensearch.3": "Node-to-node encryption is on.",
        "GDPR-32": "Personal data are encrypted in transit inside the cluster.",
    },
    breaks=(
        set_to("aws_opensearch_domain", "node_to_node_encryption[0].enabled", False),
        drop("aws_opensearch_domain", "node_to_node_encryption"),
    ),
    built_in="CKV_AWS_6 asks the same",
    decide=decide,
)
