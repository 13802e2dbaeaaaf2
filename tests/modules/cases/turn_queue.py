"""Inputs of modules/turn-queue."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES

WORKER = "arn:aws:lambda:eu-central-1:111122223333:function:companion-test-worker"
BASE: dict[str, Any] = {**ALARMED, "consumer_arn": WORKER, "consumer_timeout_seconds": 30}
_LOST = "retention_seconds must exceed"
_ELSEWHERE = WORKER.replace("eu-central-1", "eu-west-1")

SUITE = Suite(
    BASE,
    (
        *IDENTITY_CASES,
        *ALARM_CASES,
        Case("consumer_alias", {"consumer_arn": f"{WORKER}:live"}),
        Case("consumer_name", {"consumer_arn": "companion-test-worker"}, "consumer_arn must be the ARN"),
        Case("consumer_role", {"consumer_arn": "arn:aws:iam::111122223333:role/x"}, "consumer_arn must be the ARN"),
        Case("consumer_elsewhere", {"consumer_arn": _ELSEWHERE}, "consumer_arn must name a function in the region"),
        Case("timeout_shortest", {"consumer_timeout_seconds": 1, "seconds_per_turn": 1}),
        Case("timeout_none", {"consumer_timeout_seconds": 0}, "consumer_timeout_seconds must be"),
        Case("timeout_over_quota", {"consumer_timeout_seconds": 901}, "consumer_timeout_seconds must be"),
        Case("timeout_and_a_half", {"consumer_timeout_seconds": 1.5}, "consumer_timeout_seconds must be"),
        Case("concurrency_least", {"max_concurrency": 2}),
        Case("concurrency_most", {"max_concurrency": 1000}),
        Case("concurrency_of_one", {"max_concurrency": 1}, "max_concurrency must be"),
        Case("concurrency_over_quota", {"max_concurrency": 1001}, "max_concurrency must be"),
        Case("concurrency_broken", {"max_concurrency": 2.5}, "max_concurrency must be"),
        Case("turn_as_long_as_the_timeout", {"seconds_per_turn": 30}),
        Case("turn_longer_than_the_timeout", {"seconds_per_turn": 31}, "seconds_per_turn must be"),
        Case("turn_in_no_time", {"seconds_per_turn": 0}, "seconds_per_turn must be"),
        Case("deadline_shortest", {"deadline_seconds": 1}),
        Case("deadline_longest", {"deadline_seconds": 60}),
        Case("deadline_none", {"deadline_seconds": 0}, "deadline_seconds must be a whole number"),
        Case("deadline_of_minutes", {"deadline_seconds": 61}, "deadline_seconds must be a whole number"),
        Case("deadline_broken", {"deadline_seconds": 2.5}, "deadline_seconds must be a whole number"),
        Case(
            "deadline_after_the_turn_comes_back",
            {"deadline_seconds": 12, "consumer_timeout_seconds": 2, "seconds_per_turn": 1},
            "deadline_seconds must be below the visibility timeout",
        ),
        Case("receives_once", {"max_receives": 1}),
        Case("receives_never", {"max_receives": 0}, "max_receives must be"),
        Case("receives_broken", {"max_receives": 1.5}, "max_receives must be"),
        Case("receives_eleven_times", {"max_receives": 11}, "max_receives must be"),
        Case("retention_just_enough", {"retention_seconds": 365}),
        Case("retention_too_short_for_the_dead_letter_queue", {"retention_seconds": 364}, _LOST),
        Case("timeout_too_long_for_the_dead_letter_queue", {"consumer_timeout_seconds": 50}, _LOST),
        Case(
            "retention_shortest",
            {"retention_seconds": 60, "consumer_timeout_seconds": 4, "seconds_per_turn": 2},
        ),
        Case("retention_below_sqs", {"retention_seconds": 59}, "retention_seconds must be a whole number"),
        Case("retention_of_stale_turns", {"retention_seconds": 601}, "retention_seconds must be a whole number"),
        Case("retention_broken", {"retention_seconds": 599.5}, "retention_seconds must be a whole number"),
        Case("dead_letters_shortest", {"dead_letter_days": 1}),
        Case("dead_letters_longest", {"dead_letter_days": 14}),
        Case("dead_letters_dropped", {"dead_letter_days": 0}, "dead_letter_days must be"),
        Case("dead_letters_too_long", {"dead_letter_days": 15}, "dead_letter_days must be"),
        Case("dead_letters_broken", {"dead_letter_days": 1.5}, "dead_letter_days must be"),
    ),
)
