"""Inputs of modules/companion: its own rules, and those of the modules that it composes, seen from outside."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, IDENTITY_CASES, TOPIC
from .inference_endpoint import BASE as ENDPOINT
from .memory_vectors import BASE as VECTORS

_MODEL = {"model_id": "amazon.nova-micro-v1:0", "regions": ["eu-central-1"]}
_PERSONA = {
    "prompt": "You are Robin, a kind companion.",
    "disclosure": "I am an AI.",
    "crisis_referral": "Call 112.",
}
_OWN_MODEL = {"model": ENDPOINT["model"], "instance": ENDPOINT["instance"], "scaling": ENDPOINT["scaling"]}
_NETWORK = {"network": VECTORS["network"]}
_RECALL = {
    "vectors": {"engine": "domain", "admin_role_arn": VECTORS["admin_role_arn"], "domain": VECTORS["domain"]},
}
_SPOKEN = {"languages": {"de-DE": {"voice_id": "Vicki"}}}


def _persona(**changes: Any) -> dict[str, Any]:
    return {"persona": {**_PERSONA, **changes}}


def _turns(**changes: Any) -> dict[str, Any]:
    return {"turns": {"max_concurrency": 8, **changes}}


BASE: dict[str, Any] = {
    "name": "companion-test",
    "account_id": "111122223333",
    "region": "eu-central-1",
    "alarm_topic_arns": [TOPIC],
    "inference": {"bedrock": _MODEL},
    **_persona(),
}

SUITE = Suite(
    BASE,
    (
        *(case for case in IDENTITY_CASES if "kms_key_arn" not in case.inputs),
        *ALARM_CASES,
        Case("account_short", {"account_id": "1234"}, "account_id must be"),
        Case("region_imagined", {"region": "Frankfurt"}, "region must be"),
        Case("nothing_answers", {"inference": {}}, "inference must hold exactly one"),
        Case(
            "two_answer",
            {"inference": {"bedrock": _MODEL, "sagemaker": _OWN_MODEL}, **_NETWORK},
            "inference must hold exactly one",
        ),
        Case("own_model", {"inference": {"sagemaker": _OWN_MODEL}, **_NETWORK, **_turns(max_concurrency=40)}),
        Case(
            "own_model_without_network", {"inference": {"sagemaker": _OWN_MODEL}, **_turns()}, "network must be given"
        ),
        Case(
            "more_turns_than_the_fleet_serves",
            {"inference": {"sagemaker": _OWN_MODEL}, **_NETWORK, **_turns(max_concurrency=41)},
            "turns.max_concurrency must not exceed",
        ),
        Case("everything", {**_NETWORK, **_RECALL, "voice": _SPOKEN, **_turns()}),
        Case("recall_without_network", {**_RECALL, "network": None}, "network must be given"),
        Case("more_turns_than_polly_speaks", {"voice": _SPOKEN}, "sentences_per_turn times turns_per_second"),
        Case("remembers_for_ever", {"retention": {"memory_days": 0}}, "must be a whole number from 1 to 365"),
        Case("logs_outlive_memories", {"retention": {"memory_days": 14}}, "must keep no copy for longer"),
        Case("persona_hides_that_it_is_an_ai", _persona(disclosure="I am Robin."), "must contain ai_word"),
        Case("no_help_in_a_crisis", _persona(crisis_referral="Take care."), "crisis_referral must name"),
        Case("deadline_too_long", _turns(deadline_seconds=31), "deadline_seconds must be from 1 to 30"),
        Case("answers_too_long", {"inference": {"bedrock": _MODEL, "max_tokens": 5000}}, "max_tokens must be"),
        Case("glass_broken_silently", {"break_glass_reason": "because"}, "break_glass_reason must say"),
    ),
)
