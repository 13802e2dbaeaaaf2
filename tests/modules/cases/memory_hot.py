"""Inputs of modules/memory-hot."""

from __future__ import annotations

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES

SUITE = Suite(
    ALARMED,
    (
        *IDENTITY_CASES,
        *ALARM_CASES,
        Case("retention_shortest", {"retention_days": 1}),
        Case("retention_longest", {"retention_days": 365}),
        Case("retention_none", {"retention_days": 0}, "retention_days must be"),
        Case("retention_over_a_year", {"retention_days": 366}, "retention_days must be"),
        Case("retention_and_a_half", {"retention_days": 1.5}, "retention_days must be"),
        Case("recovery_shortest", {"pitr_days": 1}),
        Case("recovery_longest", {"pitr_days": 35}),
        Case("recovery_none", {"pitr_days": 0}, "pitr_days must be"),
        Case("recovery_too_long", {"pitr_days": 36}, "pitr_days must be"),
        Case("capped", {"max_request_units": {"read": 1, "write": 40000}}),
        Case("cap_of_nothing", {"max_request_units": {"read": 0, "write": 10}}, "max_request_units must hold"),
        Case("cap_above_quota", {"max_request_units": {"read": 10, "write": 40001}}, "max_request_units must hold"),
        Case("glass_broken", {"break_glass_reason": "CMP-1234: account is closed"}),
        Case("glass_broken_silently", {"break_glass_reason": "because"}, "break_glass_reason must say"),
        Case("glass_broken_blankly", {"break_glass_reason": " " * 30}, "break_glass_reason must say"),
    ),
)
