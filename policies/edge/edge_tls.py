"""What clients connect to speaks TLS 1.2 or later, and nothing without TLS."""

from __future__ import annotations

from aic_engine.attributes import each_block, is_one_of
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, undecided, worst
from aic_engine.values import Unknown
from aic_engine.weakening import set_to

POLICIES = ("https-only", "redirect-to-https")
VERSIONS = ("TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
"""CloudFront security policies without TLS 1.1 and older (AWS docs, CloudFront: supported protocols and ciphers)."""


def decide(resource: Resource, graph: Graph) -> Decision:
    if resource.type == "aws_api_gateway_domain_name":
        return is_one_of(resource, "security_policy", ("TLS_1_2",), cure='set security_policy = "TLS_1_2"')
    if resource.type == "aws_apigatewayv2_domain_name":
        path = "domain_name_configuration[0].security_policy"
        return is_one_of(resource, path, ("TLS_1_2",), cure='set security_policy = "TLS_1_2"')
    ordered = each_block(resource, "ordered_cache_behavior")
    if isinstance(ordered, Unknown):
        return undecided("ordered_cache_behavior", expected="https-only", value=ordered)
    behaviors = [
        is_one_of(resource, f"{path}.viewer_protocol_policy", POLICIES, cure='set it to "https-only"')
        for path in ("default_cache_behavior[0]", *ordered)
    ]
    cure = 'set minimum_protocol_version = "TLSv1.2_2021" and a certificate of your own'
    version = is_one_of(resource, "viewer_certificate[0].minimum_protocol_version", VERSIONS, cure=cure)
    return worst([*behaviors, version])


RULE = Rule(
    id="CKV_AIC_EDGE_006",
    name="edge-tls",
    title="Clients connect with TLS 1.2 or later",
    severity=Severity.HIGH,
    types=("aws_cloudfront_distribution", "aws_apigatewayv2_domain_name", "aws_api_gateway_domain_name"),
    why=("A companion is talked to from trains and school networks; old TLS, or none, is read by whoever runs them."),
    fix="""
viewer_certificate {
  acm_certificate_arn      = var.certificate_arn
  ssl_support_method       = "sni-only"
  minimum_protocol_version = "TLSv1.2_2021"
}
""",
    sources=(
        (
            "AWS docs, CloudFront: supported protocols and ciphers; with the default certificate, viewers "
            "may use TLS 1.0"
        ),
        "AWS docs, Security Hub controls reference: CloudFront.3",
    ),
    controls={
        "FSBP-CloudFront.3": "Viewers must use HTTPS.",
        "GDPR-32": "Conversations are encrypted in transit with current protocols.",
    },
    breaks=(
        set_to("aws_cloudfront_distribution", "default_cache_behavior[0].viewer_protocol_policy", "allow-all"),
        set_to("aws_cloudfront_distribution", "viewer_certificate[0].minimum_protocol_version", "TLSv1"),
    ),
    built_in="CKV_AWS_34, 174 and 206 ask parts of it",
    decide=decide,
)
