"""Each custom origin of a distribution is reached by HTTPS with TLS 1.2."""

from __future__ import annotations

from collections.abc import Iterator

from aic_engine.attributes import each_block, is_one_of, texts
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, undecided, worst
from aic_engine.values import Unknown
from aic_engine.weakening import set_to

OLD = {"SSLv3", "TLSv1", "TLSv1.1"}


def decide(distribution: Resource, graph: Graph) -> Decision:
    origins = each_block(distribution, "origin")
    if isinstance(origins, Unknown):
        return undecided("origin", expected="https-only", value=origins)
    decisions: list[Decision] = []
    for origin in origins:
        custom = distribution.blocks(f"{origin}.custom_origin_config")
        if isinstance(custom, Unknown):
            decisions.append(undecided(f"{origin}.custom_origin_config", expected="https-only", value=custom))
        elif custom:
            decisions += _custom(distribution, f"{origin}.custom_origin_config[0]")
    return worst(decisions) if decisions else not_applicable("it has no custom origin")


def _custom(distribution: Resource, path: str) -> Iterator[Decision]:
    policy = f"{path}.origin_protocol_policy"
    yield is_one_of(distribution, policy, ("https-only",), cure='set origin_protocol_policy = "https-only"')
    value = distribution.get(f"{path}.origin_ssl_protocols")
    protocols = texts(value)
    if isinstance(value, Unknown) or protocols is None:
        unread = value if isinstance(value, Unknown) else Unknown("a protocol is not known")
        yield undecided(f"{path}.origin_ssl_protocols", expected="TLSv1.2 only", value=unread)
    if protocols is not None and OLD & set(protocols):
        shown = ", ".join(sorted(OLD & set(protocols)))
        place = f"{path}.origin_ssl_protocols"
        yield failed(place, expected="TLSv1.2 only", actual=shown, cure='set origin_ssl_protocols = ["TLSv1.2"]')


RULE = Rule(
    id="CKV_AIC_EDGE_007",
    name="origin-https",
    title="A distribution reaches its origins by TLS only",
    severity=Severity.HIGH,
    types=("aws_cloudfront_distribution",),
    why=("Behind an HTTPS front, match-viewer or http-only sends tokens and words across the internet in the clear."),
    fix="""
custom_origin_config {
  origin_protocol_policy = "https-only"
  origin_ssl_protocols   = ["TLSv1.2"]
  http_port              = 80
  https_port             = 443
}
""",
    sources=("AWS docs, Security Hub controls reference: CloudFront.9, CloudFront.10",),
    controls={
        "FSBP-CloudFront.9": "Traffic to custom origins is encrypted.",
        "FSBP-CloudFront.10": "No deprecated protocol is used to reach an origin.",
    },
    breaks=(
        set_to("aws_cloudfront_distribution", "origin[*].custom_origin_config[0].origin_protocol_policy", "http-only"),
        set_to(
            "aws_cloudfront_distribution", "origin[*].custom_origin_config[0].origin_protocol_policy", "match-viewer"
        ),
        set_to(
            "aws_cloudfront_distribution",
            "origin[*].custom_origin_config[0].origin_ssl_protocols",
            ["TLSv1", "TLSv1.2"],
        ),
    ),
    built_in="CKV2_AWS_72 misses match-viewer",
    decide=decide,
)
