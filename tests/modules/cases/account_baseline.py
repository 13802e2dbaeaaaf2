"""Inputs of modules/account-baseline."""

from __future__ import annotations

from ..suites import Case, Suite
from .common import IDENTITY, IDENTITY_CASES, LOG_CASES

SUITE = Suite(
    {**IDENTITY, "account_id": "111122223333", "region": "eu-central-1"},
    (
        *IDENTITY_CASES,
        *LOG_CASES,
        Case("account_too_short", {"account_id": "11112222333"}, "account_id must be the 12 digits"),
        Case("account_alias", {"account_id": "companion-prod"}, "account_id must be the 12 digits"),
        Case("region_zone", {"region": "eu-central-1a"}, "region must be the name"),
        Case("region_geography", {"region": "eu"}, "region must be the name"),
        Case("region_of_government", {"region": "us-gov-west-1"}),
    ),
)
