"""Inputs of modules/observability."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES

_GUARDRAIL = {"arn": "arn:aws:bedrock:eu-central-1:111122223333:guardrail/abcdef123456", "version": "1"}
_PROFILE = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abcdef123456"
SOURCES: dict[str, Any] = {
    "api_id": "abcdef1234",
    "queue_name": "companion-test-turns.fifo",
    "function_names": {"worker": "companion-test-worker"},
    "table_names": {"memory": "companion-test-memory"},
    "guardrail": _GUARDRAIL,
    "model": {"engine": "bedrock", "id": _PROFILE},
}
BASE: dict[str, Any] = {
    **{key: value for key, value in ALARMED.items() if key != "kms_key_arn"},
    "account_id": "111122223333",
    "region": "eu-central-1",
    "alarms": {"queue": ["companion-test-turns-age"]},
    "sources": SOURCES,
}
# This module stores nothing, so it has no key.
_IDENTITY_CASES = tuple(case for case in IDENTITY_CASES if "kms_key_arn" not in case.inputs)


def _sources(**changes: Any) -> dict[str, Any]:
    return {"sources": {**SOURCES, **changes}}


def _slo(**changes: Any) -> dict[str, Any]:
    return {"slo": changes}


def _suppressor(**changes: Any) -> dict[str, Any]:
    return {"suppressor": {"alarm": "companion-test-maintenance", **changes}}


def _names(count: int, length: int = 40) -> list[str]:
    return [f"{n:03}".ljust(length, "x") for n in range(count)]


SUITE = Suite(
    BASE,
    (
        *_IDENTITY_CASES,
        *ALARM_CASES,
        Case("account_short", {"account_id": "1111"}, "account_id must be the 12 digits"),
        Case("region_of_none", {"region": "Frankfurt"}, "region must be the name of an AWS region"),
        Case("partition_of_government", {"region": "us-gov-west-1"}),
        Case("part_without_alarms", {"alarms": {"queue": ["age"], "moderation": []}}),
        Case("part_largest", {"alarms": {"queue": _names(100)}}),
        Case("part_with_one_twice", {"alarms": {"queue": [*_names(100), *_names(1)]}}),
        Case("no_part", {"alarms": {}}, "alarms must hold 1 to 50 parts"),
        Case("no_alarm", {"alarms": {"moderation": []}}, "alarms must hold 1 to 50 parts"),
        Case("parts_most", {"alarms": {f"part-{a}{b}": ["age"] for a in "abcde" for b in "abcdefghij"}}),
        Case(
            "parts_too_many", {"alarms": {f"part-{a}{b}": ["age"] for a in "abcdef" for b in "abcdefghij"}}, "1 to 50"
        ),
        Case("part_too_large", {"alarms": {"queue": _names(101)}}, "at most 100 alarms for each part"),
        Case("part_of_long_names", {"alarms": {"queue": _names(60, 200)}}, "must fit a rule of 10240 characters"),
        Case("part_misnamed", {"alarms": {"The Queue": ["age"]}}, "must be keyed by names of parts"),
        Case("part_long_named", {"alarms": {"q" * 33: ["age"]}}, "must be keyed by names of parts"),
        Case("alarm_of_quotes", {"alarms": {"queue": ['a") OR TRUE OR ALARM("b']}}, 'without " and \\'),
        Case("alarm_nameless", {"alarms": {"queue": [""]}}, "of 1 to 255 characters"),
        Case("all_in_background", {"background_parts": ["queue"]}),
        Case("background_of_none", {"background_parts": ["vectors"]}, "background_parts must name parts of alarms"),
        Case("suppressed", _suppressor(wait_seconds=0, extension_seconds=600)),
        Case("suppressed_by_itself", _suppressor(alarm="companion-test-critical"), "suppressor.alarm must be"),
        Case("suppressed_by_nothing", _suppressor(alarm=""), "suppressor.alarm must be"),
        Case("suppressor_too_long", _suppressor(alarm="x" * 1601), "suppressor.alarm must be"),
        Case("suppressor_waits_for_ever", _suppressor(wait_seconds=601), "suppressor.wait_seconds and extension"),
        Case("suppressor_extends_for_ever", _suppressor(extension_seconds=3600), "suppressor.wait_seconds and exten"),
        Case("api_by_address", _sources(api_id="https://x.example.com"), "sources.api_id must be"),
        Case("queue_by_url", _sources(queue_name="https://sqs/turns.fifo"), "sources.queue_name must be"),
        Case("queue_unordered", _sources(queue_name="turns"), "sources.queue_name must be"),
        Case("no_worker", _sources(function_names={"ingest": "x"}), "sources.function_names must hold"),
        Case("function_by_arn", _sources(function_names={"worker": "arn:aws:lambda:x"}), "sources.function_names must"),
        Case("no_table", _sources(table_names={}), "sources.table_names must hold"),
        Case("guardrail_draft", _sources(guardrail={**_GUARDRAIL, "version": "DRAFT"}), "sources.guardrail must have"),
        Case("guardrail_by_id", _sources(guardrail={**_GUARDRAIL, "arn": "abcdef"}), "sources.guardrail must have"),
        Case("own_model", _sources(model={"engine": "sagemaker", "id": "companion-test"})),
        Case("model_of_openai", _sources(model={"engine": "openai", "id": "gpt"}), "sources.model.engine must be"),
        Case("model_bare", _sources(model={"engine": "bedrock", "id": "nova"}), "sources.model.id must be"),
        Case("model_no_endpoint", _sources(model={"engine": "sagemaker", "id": _PROFILE}), "sources.model.id must be"),
        Case("objectives_tightest", _slo(first_token_ms=500, busy_ratio=0.001, failed_ratio=0.001)),
        Case("objectives_loosest", _slo(first_token_ms=10000, busy_ratio=0.5, intervention_ratio=0.9)),
        Case("first_words_of_the_article", _slo(first_token_ms=300), "slo.first_token_ms must be"),
        Case("first_words_never", _slo(first_token_ms=10001), "slo.first_token_ms must be"),
        Case("busy_never", _slo(busy_ratio=0), "slo.busy_ratio and slo.failed_ratio must be"),
        Case("busy_in_percent", _slo(busy_ratio=5), "slo.busy_ratio and slo.failed_ratio must be"),
        Case("failed_mostly", _slo(failed_ratio=0.6), "slo.busy_ratio and slo.failed_ratio must be"),
        Case("refused_always", _slo(intervention_ratio=1), "slo.intervention_ratio must be"),
        Case("refused_never", _slo(intervention_ratio=0), "slo.intervention_ratio must be"),
        Case("queue_of_no_age", _slo(queue_age_seconds=0), "slo.queue_age_seconds must be"),
        Case("queue_of_an_hour", _slo(queue_age_seconds=3600), "slo.queue_age_seconds must be"),
    ),
)
