"""A domain publishes its audit log."""

from __future__ import annotations

from aic_engine.attributes import doubt, equals, find_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, require, undecided
from aic_engine.values import Absent, as_bool
from aic_engine.weakening import drop, set_to

BLOCK = "log_publishing_options"
EXPECTED = "log_publishing_options of AUDIT_LOGS"


def decide(domain: Resource, graph: Graph) -> Decision:
    path, doubtful = find_block(domain, BLOCK, lambda path: equals(domain, f"{path}.log_type", "AUDIT_LOGS"))
    if path is not None:
        # The provider's default is true.
        return require(
            domain,
            f"{path}.enabled",
            lambda value: isinstance(value, Absent) or as_bool(value) is True,
            expected="true or not set",
            cure="set enabled = true",
        )
    if doubtful:
        return undecided(BLOCK, expected=EXPECTED, value=doubt("the types of its logs are not known"))
    return failed(
        BLOCK, expected=EXPECTED, actual="none", cure='add log_publishing_options { log_type = "AUDIT_LOGS" }'
    )


RULE = Rule(
    id="CKV_AIC_VEC_010",
    name="vectors-audit-log",
    title="Access to vectors is logged",
    severity=Severity.MEDIUM,
    types=("aws_opensearch_domain",),
    why="When somebody asks who has read a user's memories, only this log can answer.",
    fix="""
log_publishing_options {
  log_type                 = "AUDIT_LOGS"
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.audit.arn
}
""",
    sources=(
        "AWS docs, Security Hub controls reference: Opensearch.5",
        "AWS provider 5.100: log_publishing_options.enabled defaults to true",
    ),
    controls={
        "FSBP-Opensearch.5": "Audit logging is on.",
        "GDPR-33": "Supports finding out what a breach reached.",
    },
    breaks=(
        drop("aws_opensearch_domain", "log_publishing_options[log_type=AUDIT_LOGS]"),
        set_to("aws_opensearch_domain", "log_publishing_options[log_type=AUDIT_LOGS].enabled", False),
    ),
    built_in="CKV_AWS_317 fails the default of true on HCL",
    decide=decide,
)
