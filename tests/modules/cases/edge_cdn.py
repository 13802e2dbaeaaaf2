"""Inputs of modules/edge-cdn."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import IDENTITY_CASES

_ID = "12345678-1234-1234-1234-123456789012"
_CERTIFICATE = f"arn:aws:acm:us-east-1:111122223333:certificate/{_ID}"
_ACL = f"arn:aws:wafv2:us-east-1:111122223333:global/webacl/companion/{_ID}"
_ORIGIN = {"host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", "path": "/live"}
_DOMAIN = {"aliases": ["chat.example.com"], "certificate_arn": _CERTIFICATE}


def _origin(**changes: Any) -> dict[str, Any]:
    return {"origin": {**_ORIGIN, **changes}}


def _domain(**changes: Any) -> dict[str, Any]:
    return {"domain": {**_DOMAIN, **changes}}


SUITE = Suite(
    {"name": "companion-test", "origin": _ORIGIN, "domain": _DOMAIN, "web_acl_arn": _ACL},
    (
        # Nothing here is encrypted with a key of the deployment.
        *(case for case in IDENTITY_CASES if "kms_key_arn" not in case.inputs),
        Case("origin_of_a_domain", _origin(host="api.example.com", path="")),
        Case("origin_with_scheme", _origin(host=f"wss://{_ORIGIN['host']}"), "origin.host must be a DNS name"),
        Case("origin_with_port", _origin(host=f"{_ORIGIN['host']}:443"), "origin.host must be a DNS name"),
        Case("origin_by_address", _origin(host="192.0.2.1"), "origin.host must be a DNS name"),
        Case("origin_too_long", _origin(host="a." * 125 + "comm"), "origin.host must be a DNS name"),
        Case("origin_path_bare", _origin(path="live"), "origin.path must begin with /"),
        Case("origin_path_with_end", _origin(path="/live/"), "origin.path must begin with /"),
        Case("origin_path_root", _origin(path="/"), "origin.path must begin with /"),
        Case("origin_path_query", _origin(path="/live?ticket=x"), "origin.path must begin with /"),
        Case("origin_path_too_long", _origin(path="/" + "a" * 255), "origin.path must begin with /"),
        Case("origin_of_itself", _origin(host="chat.example.com"), "origin.host must not be one of domain.aliases"),
        Case("aliases", _domain(aliases=["chat.example.com", "voice.example.com"])),
        Case("no_alias", _domain(aliases=[]), "domain.aliases must hold 1 to 100"),
        Case(
            "too_many_aliases",
            _domain(aliases=[f"chat{n}.example.com" for n in range(101)]),
            "domain.aliases must hold 1 to 100",
        ),
        Case("alias_wildcard", _domain(aliases=["*.example.com"]), "domain.aliases must hold DNS names"),
        Case("alias_with_scheme", _domain(aliases=["wss://chat.example.com"]), "domain.aliases must hold DNS names"),
        Case("alias_too_long", _domain(aliases=["a." * 125 + "comm"]), "domain.aliases must hold DNS names"),
        Case(
            "certificate_of_the_region",
            _domain(certificate_arn=_CERTIFICATE.replace("us-east-1", "eu-central-1")),
            "domain.certificate_arn must be",
        ),
        Case(
            "certificate_of_iam",
            _domain(certificate_arn="arn:aws:iam::111122223333:server-certificate/chat"),
            "domain.certificate_arn must be",
        ),
        Case("no_wall", {"web_acl_arn": None}, "web_acl_arn"),
        Case("wall_of_the_region", {"web_acl_arn": _ACL.replace("us-east-1", "eu-central-1")}, "web_acl_arn must be"),
        Case("wall_of_scope_regional", {"web_acl_arn": _ACL.replace("global", "regional")}, "web_acl_arn must be"),
        Case("wall_of_classic_waf", {"web_acl_arn": _ID}, "web_acl_arn must be"),
        Case("everywhere", {"price_class": "PriceClass_All"}),
        Case("price_class_unknown", {"price_class": "PriceClass_300"}, "price_class must be"),
        Case("countries", {"countries": ["DE", "AT"]}),
        Case("country_by_name", {"countries": ["Germany"]}, "countries must hold"),
        Case("country_lower_case", {"countries": ["de"]}, "countries must hold"),
    ),
)
