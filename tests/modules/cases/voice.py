"""Inputs of modules/voice."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import IDENTITY_CASES


def _language(**changes: Any) -> dict[str, Any]:
    return {"languages": {"de-DE": {"voice_id": "Vicki", **changes}}}


def _load(turns: float, sentences: int, engine: str = "neural", **quotas: Any) -> dict[str, Any]:
    return {**_language(engine=engine), "turns_per_second": turns, "sentences_per_turn": sentences, "quotas": quotas}


def _phrases(stem: str, count: int) -> list[str]:
    """Different phrases of the stem and two letters."""
    return [stem + chr(ord("a") + n // 26) + chr(ord("a") + n % 26) for n in range(count)]


BASE: dict[str, Any] = {
    "name": "companion-test",
    "region": "eu-central-1",
    "turns_per_second": 2,
    **_language(phrases=["Luma-Nova"], filtered_words=["verdammt"]),
}
_TOO_MUCH = "must not exceed the quota of each engine"

SUITE = Suite(
    BASE,
    (
        # The services take no key.
        *(case for case in IDENTITY_CASES if "kms_key_arn" not in case.inputs),
        Case("region_zone", {"region": "eu-central-1a"}, "region must be the name"),
        Case("silent", {"languages": {}}, "languages must hold at least one"),
        Case("language_by_name", {"languages": {"german": {"voice_id": "Vicki"}}}, "keyed by Transcribe's language"),
        Case("language_of_polly", {"languages": {"arb": {"voice_id": "Zeina"}}}, "keyed by Transcribe's language"),
        Case("language_of_three_letters", {"languages": {"ckb-IQ": {"voice_id": "Zeina"}}}),
        Case("voice_by_accent", _language(voice_id="Léa"), "voice_id of a Polly voice"),
        Case("voice_lower_case", _language(voice_id="vicki"), "voice_id of a Polly voice"),
        Case("voice_none", _language(voice_id=""), "voice_id of a Polly voice"),
        Case("engine_long", _language(engine="long-form")),
        Case("engine_unknown", _language(engine="bidirectional"), "an engine of generative"),
        Case("phrase_in_capitals", _language(phrases=["A.T.M."])),
        Case("phrase_longest", _language(phrases=["x" * 256])),
        Case("phrase_too_long", _language(phrases=["x" * 257]), "phrases of 1 to 256"),
        Case("phrase_blank", _language(phrases=[""]), "phrases of 1 to 256"),
        Case("phrase_with_space", _language(phrases=["Los Angeles"]), "hyphens instead of spaces"),
        Case("phrase_with_digit", _language(phrases=["Luma-2"]), "numbers in words"),
        Case("phrase_with_comma", _language(phrases=["Luma,Nova"]), "without commas"),
        Case("word_longest", _language(filtered_words=["x" * 256])),
        Case("word_too_long", _language(filtered_words=["x" * 257]), "filtered_words of one word each"),
        Case("word_of_two", _language(filtered_words=["go away"]), "filtered_words of one word each"),
        Case("vocabulary_longest", _language(phrases=_phrases("x" * 120, 256))),
        Case("vocabulary_too_long", _language(phrases=_phrases("x", 257)), "at most 256 phrases"),
        Case("filter_longest", _language(filtered_words=_phrases("x", 256))),
        Case("filter_too_long", _language(filtered_words=_phrases("x", 257)), "256 filtered_words each"),
        # 120 letters of two bytes each: 220 of them are more than 50 KB, though fewer characters.
        Case("vocabulary_too_large", _language(phrases=_phrases("ä" * 120, 220)), "at most 50 KB"),
        Case("filter_too_large", _language(filtered_words=_phrases("x" * 250, 210)), "at most 50 KB"),
        Case("turns_none", {"turns_per_second": 0}, "turns_per_second must be above 0"),
        Case("sentences_none", {"sentences_per_turn": 0}, "sentences_per_turn must be a whole number"),
        Case("sentences_and_a_half", {"sentences_per_turn": 1.5}, "sentences_per_turn must be a whole number"),
        Case("load_full", _load(2, 4)),
        Case("load_too_much", _load(2.1, 4), _TOO_MUCH),
        Case("load_of_standard", _load(20, 4, "standard")),
        Case("load_too_much_for_standard", _load(20.1, 4, "standard"), _TOO_MUCH),
        Case("load_of_a_raised_quota", _load(10, 4, speech_requests_per_second={"neural": 40})),
        Case("load_of_another_quota", _load(10, 4, speech_requests_per_second={"generative": 40}), _TOO_MUCH),
        Case("load_of_a_lowered_quota", _load(2, 4, speech_requests_per_second={"neural": 4}), _TOO_MUCH),
        Case(
            "load_too_much_for_one_of_two",
            {
                "languages": {
                    "de-DE": {"voice_id": "Vicki", "engine": "standard"},
                    "en-GB": {"voice_id": "Amy", "engine": "generative"},
                },
                "turns_per_second": 4,
            },
            _TOO_MUCH,
        ),
        Case("quota_of_nothing", {"quotas": {"speech_requests_per_second": {"neural": 0}}}, "must map generative"),
        Case("quota_of_no_engine", {"quotas": {"speech_requests_per_second": {"fast": 9}}}, "must map generative"),
        Case("streams_none", {"quotas": {"transcription_streams": 0}}, "quotas.transcription_streams must be"),
        Case("streams_and_a_half", {"quotas": {"transcription_streams": 1.5}}, "quotas.transcription_streams must be"),
    ),
)
