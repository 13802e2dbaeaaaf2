"""Inputs of modules/data-protection."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, IDENTITY_CASES, TOPIC

_FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:companion-test"
ERASER = f"{_FUNCTION}-erase"
STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/companion-test-memory/stream/2026-01-01T00:00:00.000"
BASE: dict[str, Any] = {
    "name": "companion-test",
    "account_id": "111122223333",
    "region": "eu-central-1",
    "alarm_topic_arns": [TOPIC],
    "eraser_arn": ERASER,
    "eraser_timeout_seconds": 300,
}
_OUTLIVES = "retention must keep no copy for longer than the memory"


def _retention(**days: float) -> dict[str, Any]:
    return {"retention": {"memory_days": 90, "pitr_days": 7, "log_days": 30, "dead_letter_days": 4, **days}}


def vectors(**arns: str) -> dict[str, Any]:
    return {"vector_expiry": {"stream_arn": STREAM, "function_arn": f"{_FUNCTION}-forget", **arns}}


SUITE = Suite(
    BASE,
    (
        # This module makes the keys, and so is given none.
        *(case for case in IDENTITY_CASES if "kms_key_arn" not in case.inputs),
        *ALARM_CASES,
        Case("account_of_eleven_digits", {"account_id": "11112222333"}, "account_id must be the 12 digits"),
        Case("account_as_root", {"account_id": "arn:aws:iam::111122223333:root"}, "account_id must be the 12 digits"),
        Case("region_as_zone", {"region": "eu-central-1a"}, "region must be the name of an AWS region"),
        Case("retention_shortest", _retention(memory_days=1, pitr_days=1, log_days=1, dead_letter_days=1)),
        Case("retention_longest", _retention(memory_days=365, pitr_days=35, log_days=365, dead_letter_days=14)),
        Case("memory_none", _retention(memory_days=0), "retention.memory_days must be"),
        Case("memory_over_a_year", _retention(memory_days=366), "retention.memory_days must be"),
        Case("memory_and_a_half", _retention(memory_days=90.5), "retention.memory_days must be"),
        Case("recovery_none", _retention(pitr_days=0), "retention.pitr_days must be"),
        Case("recovery_too_long", _retention(pitr_days=36), "retention.pitr_days must be"),
        Case("recovery_and_a_half", _retention(pitr_days=1.5), "retention.pitr_days must be"),
        Case("logs_for_ever", _retention(log_days=0), "retention.log_days must be one of"),
        Case("logs_for_31_days", _retention(log_days=31), "retention.log_days must be one of"),
        Case("logs_for_two_years", _retention(log_days=731), "retention.log_days must be one of"),
        Case("dead_letters_dropped", _retention(dead_letter_days=0), "retention.dead_letter_days must be"),
        Case("dead_letters_too_long", _retention(dead_letter_days=15), "retention.dead_letter_days must be"),
        Case("dead_letters_and_a_half", _retention(dead_letter_days=1.5), "retention.dead_letter_days must be"),
        Case("copies_as_old_as_memories", _retention(memory_days=7, log_days=7)),
        Case("logs_outlive_memories", _retention(memory_days=29), _OUTLIVES),
        Case("backups_outlive_memories", _retention(memory_days=6, log_days=5), _OUTLIVES),
        Case(
            "dead_letters_outlive_memories",
            _retention(memory_days=7, log_days=7, dead_letter_days=8),
            _OUTLIVES,
        ),
        Case("eraser_alias", {"eraser_arn": f"{ERASER}:live"}),
        Case("eraser_name", {"eraser_arn": "companion-test-erase"}, "eraser_arn must be the ARN"),
        Case("eraser_in_another_region", {"region": "eu-west-1"}, "eraser_arn must name a function in region"),
        Case("eraser_of_another_account", {"account_id": "444455556666"}, "eraser_arn must name a function in region"),
        Case("eraser_timeout_longest", {"eraser_timeout_seconds": 900}),
        Case("eraser_timeout_none", {"eraser_timeout_seconds": 0}, "eraser_timeout_seconds must be"),
        Case("eraser_timeout_over_quota", {"eraser_timeout_seconds": 901}, "eraser_timeout_seconds must be"),
        Case("eraser_timeout_and_a_half", {"eraser_timeout_seconds": 1.5}, "eraser_timeout_seconds must be"),
        Case("vectors", vectors()),
        Case(
            "vectors_by_table",
            vectors(stream_arn=STREAM.split("/stream")[0]),
            "vector_expiry.stream_arn must be the ARN of a table's stream",
        ),
        Case(
            "vectors_by_function_name",
            vectors(function_arn="companion-test-forget"),
            "vector_expiry.function_arn must be the ARN of a function",
        ),
        Case(
            "vectors_of_another_region",
            vectors(stream_arn=STREAM.replace("eu-central-1", "eu-west-1")),
            "vector_expiry must name a stream and a function in region",
        ),
        Case(
            "vectors_of_another_account",
            vectors(function_arn=f"{_FUNCTION}-forget".replace("111122223333", "444455556666")),
            "vector_expiry must name a stream and a function in region",
        ),
    ),
)
