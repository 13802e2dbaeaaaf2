"""A domain has fine-grained access control, without anonymous access."""

from __future__ import annotations

from aic_engine.attributes import is_not_true, is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, worst
from aic_engine.weakening import drop, set_to


def decide(domain: Resource, graph: Graph) -> Decision:
    cure = "add advanced_security_options { enabled = true } with a master user"
    enabled = is_true(domain, "advanced_security_options[0].enabled", cure=cure)
    anonymous = is_not_true(
        domain, "advanced_security_options[0].anonymous_auth_enabled", cure="set anonymous_auth_enabled = false"
    )
    return worst([enabled, anonymous])


RULE = Rule(
    id="CKV_AIC_VEC_007",
    name="vectors-fgac",
    title="Vectors are read by named roles: fine-grained access control",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain",),
    why=("Without it, who may reach the domain may read every index: one component's access is everybody's memories."),
    fix="""
advanced_security_options {
  enabled                = true
  anonymous_auth_enabled = false
  master_user_options {
    master_user_arn = aws_iam_role.admin.arn
  }
}
""",
    sources=("AWS docs, Security Hub controls reference: Opensearch.7",),
    controls={
        "FSBP-Opensearch.7": "Fine-grained access control is on.",
        "OWASP-LLM08": "Access to embeddings is limited by role.",
    },
    breaks=(
        set_to("aws_opensearch_domain", "advanced_security_options[0].enabled", False),
        drop("aws_opensearch_domain", "advanced_security_options"),
        set_to("aws_opensearch_domain", "advanced_security_options[0].anonymous_auth_enabled", True),
    ),
    built_in="CKV2_AWS_52 asks for the first half",
    decide=decide,
)
