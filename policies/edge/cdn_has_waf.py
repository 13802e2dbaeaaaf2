"""A distribution has a web ACL."""

from __future__ import annotations

from aic_engine.attributes import each_block, is_set
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, not_applicable
from aic_engine.weakening import drop


def decide(distribution: Resource, graph: Graph) -> Decision:
    origins = each_block(distribution, "origin")
    custom = (
        [distribution.blocks(f"{path}.custom_origin_config") for path in origins] if isinstance(origins, list) else []
    )
    if custom and all(count == 0 for count in custom):
        return not_applicable("it serves files from buckets only")
    return is_set(distribution, "web_acl_id", expected="the ARN of a web ACL", cure="set web_acl_id")


RULE = Rule(
    id="CKV_AIC_EDGE_005",
    name="cdn-has-waf",
    title="A distribution is behind a web ACL",
    severity=Severity.HIGH,
    types=("aws_cloudfront_distribution",),
    why=("A handshake costs an attacker nothing. Without a web ACL nothing tells ten users from ten thousand bots."),
    fix="""
web_acl_id = aws_wafv2_web_acl.edge.arn
""",
    sources=("AWS docs, Security Hub controls reference: CloudFront.6",),
    controls={
        "FSBP-CloudFront.6": "The distribution has a web ACL.",
        "OWASP-LLM10": "Abuse is stopped before it costs model time.",
    },
    breaks=(drop("aws_cloudfront_distribution", "web_acl_id"),),
    built_in="CKV_AWS_68 asks the same",
    decide=decide,
)
