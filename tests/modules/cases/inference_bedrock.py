"""Inputs of modules/inference-bedrock."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, IDENTITY_CASES, TOPIC

GUARDRAIL = "arn:aws:bedrock:eu-central-1:111122223333:guardrail/abcdef123456"
EU = ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"]


def _model(**changes: Any) -> dict[str, Any]:
    return {"models": {"chat": {"model_id": "amazon.nova-lite-v1:0", "geography": "eu", "regions": EU, **changes}}}


def _here(model_id: str) -> dict[str, Any]:
    return _model(model_id=model_id, geography=None, regions=["eu-central-1"])


def _abroad(region: str, geography: str, regions: list[str]) -> dict[str, Any]:
    arn = f"arn:aws:bedrock:{region}:111122223333:guardrail/abcdef123456"
    guardrail = {"arn": arn, "versioned_arn": f"{arn}:1"}
    return {"region": region, "guardrail": guardrail, **_model(geography=geography, regions=regions)}


def _guardrail(version: str, arn: str = GUARDRAIL) -> dict[str, Any]:
    return {"guardrail": {"arn": arn, "versioned_arn": f"{arn}{version}"}}


BASE: dict[str, Any] = {
    "name": "companion-test",
    "account_id": "111122223333",
    "region": "eu-central-1",
    "alarm_topic_arns": [TOPIC],
    "embedding_model_id": "amazon.titan-embed-text-v2:0",
    **_guardrail(":3"),
    **_model(),
}
_WRONG_REGIONS = "models must have regions of their geography only"

SUITE = Suite(
    BASE,
    (
        # This module stores nothing that a key could encrypt.
        *(case for case in IDENTITY_CASES if "kms_key_arn" not in case.inputs),
        *ALARM_CASES,
        Case("account_too_short", {"account_id": "11112222333"}, "account_id must be the 12 digits"),
        Case("region_zone", {"region": "eu-central-1a"}, "region must be the name"),
        Case("guardrail_by_id", _guardrail(":1", "abcdef123456"), "guardrail.arn must be the full ARN"),
        Case("guardrail_elsewhere", _guardrail(":1", GUARDRAIL.replace("central", "west")), "of this account and"),
        Case("version_tenth", _guardrail(":10")),
        Case("version_draft", _guardrail(":DRAFT"), "guardrail.versioned_arn must be"),
        Case("version_none", _guardrail(""), "guardrail.versioned_arn must be"),
        Case("version_zero", _guardrail(":0"), "guardrail.versioned_arn must be"),
        Case("version_any", _guardrail(":*"), "guardrail.versioned_arn must be"),
        Case(
            "version_of_another_guardrail",
            {"guardrail": {"arn": GUARDRAIL, "versioned_arn": f"{GUARDRAIL}7:1"}},
            "guardrail.versioned_arn must be",
        ),
        Case("models_none", {"models": {}}),
        Case("model_key_long", {"models": {"a" * 25: BASE["models"]["chat"]}}, "models must be keyed by"),
        Case("model_key_with_colon", {"models": {"chat:fast": BASE["models"]["chat"]}}, "models must be keyed by"),
        Case("model_names_longest", {"name": "a" * 24, "models": {"b" * 24: BASE["models"]["chat"]}}),
        Case("model_by_arn", _model(model_id="arn:aws:bedrock:eu-central-1::foundation-model/a.b"), "by id, such as"),
        Case("model_any", _model(model_id="amazon.nova-*"), "by id, such as"),
        Case("model_of_a_profile", _model(model_id="eu.amazon.nova-lite-v1:0"), "prefix goes into geography"),
        Case("model_of_everywhere", _here("global.amazon.nova-lite-v1:0"), "prefix goes into geography"),
        Case("model_embeds", _here("cohere.embed-v4:0"), "models must not name embedding"),
        Case("model_speaks", _here("amazon.nova-2-sonic-v1:0"), "models must not name embedding"),
        Case("model_of_another_provider", _here("anthropic.claude-haiku-4-5-20251001-v1:0")),
        Case("geography_global", _model(geography="global"), "models must name a geography"),
        Case("geography_unknown", _model(geography="emea"), "models must name a geography"),
        Case("here", _here("amazon.nova-lite-v1:0")),
        Case("here_and_there", _model(geography=None), "regions of exactly [region]"),
        Case("elsewhere", _model(geography=None, regions=["eu-west-1"]), "regions of exactly [region]"),
        Case("geography_left", _model(regions=[*EU, "us-east-1"]), _WRONG_REGIONS),
        Case("geography_without_us", _model(regions=EU[1:]), _WRONG_REGIONS),
        Case("geography_of_one", _model(regions=EU[:1]), _WRONG_REGIONS),
        Case("geography_of_others", _model(geography="us"), _WRONG_REGIONS),
        Case("america", _abroad("us-east-1", "us", ["us-east-1", "us-east-2", "us-west-2"])),
        Case("america_and_government", _abroad("us-east-1", "us", ["us-east-1", "us-gov-west-1"]), _WRONG_REGIONS),
        Case("asia", _abroad("ap-southeast-1", "apac", ["ap-southeast-1", "ap-northeast-1"])),
        Case("japan", _abroad("ap-northeast-1", "jp", ["ap-northeast-1", "ap-northeast-3"])),
        Case("japan_and_korea", _abroad("ap-northeast-1", "jp", ["ap-northeast-1", "ap-northeast-2"]), _WRONG_REGIONS),
        Case("embeds_nothing", {"embedding_model_id": None}),
        Case("embeds_with_cohere", {"embedding_model_id": "cohere.embed-multilingual-v3"}),
        # It would be a model that anybody with grants.invoke and grants.embed calls without a guardrail.
        Case("chats_unguarded", {"embedding_model_id": "amazon.nova-lite-v1:0"}, "must be the id of an embedding"),
        Case("embeds_anything", {"embedding_model_id": "amazon.titan-embed-*"}, "must be the id of an embedding"),
        Case("embeds_elsewhere", {"embedding_model_id": "eu.cohere.embed-v4:0"}, "must be the id of an embedding"),
        Case("latency_never_reached", {"latency_alarm_ms": 60001}, "latency_alarm_ms must be"),
        Case("latency_always_reached", {"latency_alarm_ms": 99}, "latency_alarm_ms must be"),
    ),
)
