"""The distribution that modules/edge-cdn puts before the WebSocket API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .cases.edge_cdn import SUITE
from .deployed import Plan, deploy, values
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import initialise, write_root

_DISTRIBUTION = "aws_cloudfront_distribution"
# AWS docs: How CloudFront processes HTTP 4xx and 5xx status codes. 416, which is never kept, is left out.
_ERRORS_THAT_CLOUDFRONT_KEEPS = {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    root: Path = tmp_path_factory.mktemp("edge_cdn")
    aliases = ["voice.example.com", "chat.example.com"]
    open_to_all = {**SUITE.base, "domain": {**SUITE.base["domain"], "aliases": aliases}}
    write_root(root, {"edge_cdn": ("edge-cdn", open_to_all)})
    (root / "outputs.tf").write_text('output "distribution" {\n  value = module.edge_cdn.distribution\n}\n')
    initialise(root)
    return deploy(root)


def _distribution(plans: ExamplePlans) -> dict[str, Any]:
    (distribution,) = values_of(plans, "edge_cdn", _DISTRIBUTION).values()
    return distribution


def test_no_input_lowers_the_encryption_on_either_side() -> None:
    assert_literals(
        "edge-cdn",
        _DISTRIBUTION,
        "this",
        {
            "viewer_certificate.minimum_protocol_version": '"TLSv1.2_2021"',
            "viewer_certificate.ssl_support_method": '"sni-only"',
            "default_cache_behavior.viewer_protocol_policy": '"https-only"',
            "origin.custom_origin_config.origin_protocol_policy": '"https-only"',
            "origin.custom_origin_config.origin_ssl_protocols": '["TLSv1.2"]',
        },
    )


def test_no_input_makes_the_edge_keep_anything() -> None:
    assert_literals(
        "edge-cdn", "aws_cloudfront_cache_policy", "none", {"min_ttl": "0", "default_ttl": "0", "max_ttl": "0"}
    )
    behavior = {
        "default_cache_behavior.cache_policy_id": "aws_cloudfront_cache_policy.none.id",
        "default_cache_behavior.origin_request_policy_id": "aws_cloudfront_origin_request_policy.handshake.id",
        "default_cache_behavior.compress": "false",
        "custom_error_response.error_caching_min_ttl": "0",
    }
    assert_literals("edge-cdn", _DISTRIBUTION, "this", behavior)


def test_a_refused_handshake_is_not_answered_to_others(plans: ExamplePlans) -> None:
    errors = _distribution(plans)["custom_error_response"]
    assert {error["error_code"]: error["error_caching_min_ttl"] for error in errors} == dict.fromkeys(
        _ERRORS_THAT_CLOUDFRONT_KEEPS, 0
    )


def test_the_origin_gets_the_handshake_and_nothing_that_breaks_or_leaks(plans: ExamplePlans) -> None:
    (policy,) = values_of(plans, "edge_cdn", "aws_cloudfront_origin_request_policy").values()
    (headers,) = policy["headers_config"]
    assert headers["header_behavior"] == "whitelist"
    # Host would make API Gateway answer 403. Key and version make CloudFront open a WebSocket; protocol is the ticket.
    assert set(headers["headers"][0]["items"]) == {
        "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version",
    }  # fmt: skip
    assert policy["cookies_config"][0]["cookie_behavior"] == "none"
    assert policy["query_strings_config"][0]["query_string_behavior"] == "none"


def test_the_edge_leads_to_the_stage(plans: ExamplePlans) -> None:
    distribution = _distribution(plans)
    (origin,) = distribution["origin"]
    assert (origin["domain_name"], origin["origin_path"]) == (
        "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
        "/live",
    )
    assert origin["origin_id"] == distribution["default_cache_behavior"][0]["target_origin_id"]
    assert "GET" in distribution["default_cache_behavior"][0]["allowed_methods"]


def test_the_edge_has_the_callers_certificate_names_and_wall(plans: ExamplePlans) -> None:
    distribution = _distribution(plans)
    assert distribution["aliases"] == ["chat.example.com"]
    assert distribution["viewer_certificate"][0]["acm_certificate_arn"].startswith("arn:aws:acm:us-east-1:")
    assert not distribution["viewer_certificate"][0]["cloudfront_default_certificate"]
    assert ":global/webacl/companion/" in distribution["web_acl_id"]


def test_only_named_countries_are_admitted(plans: ExamplePlans) -> None:
    (restriction,) = _distribution(plans)["restrictions"][0]["geo_restriction"]
    assert (restriction["restriction_type"], sorted(restriction["locations"])) == ("whitelist", ["AT", "CH", "DE"])
    assert contract(plans, "edge_cdn")["countries"] == ["AT", "CH", "DE"]


def test_no_country_named_is_no_country_shut_out(deployed: Plan) -> None:
    (distribution,) = values(deployed, _DISTRIBUTION).values()
    (restriction,) = distribution["restrictions"][0]["geo_restriction"]
    assert (restriction["restriction_type"], restriction["locations"]) == ("none", [])


def test_users_are_not_written_down(plans: ExamplePlans) -> None:
    assert _distribution(plans)["logging_config"] == []


def test_clients_learn_where_to_connect(deployed: Plan) -> None:
    distribution = deployed["planned_values"]["outputs"]["distribution"]["value"]
    assert distribution["endpoints"] == ["wss://chat.example.com", "wss://voice.example.com"]
    assert distribution["domain_name"].endswith(".cloudfront.net")


def test_limits_are_known_before_anything_exists(plans: ExamplePlans) -> None:
    limits = contract(plans, "edge_cdn")
    assert (limits["minimum_tls"], limits["cache_seconds"], limits["idle_seconds"]) == ("TLSv1.2_2021", 0, 600)
