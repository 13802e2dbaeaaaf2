"""Inputs of modules/turn-handler."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES, KEY, LOG_CASES

_ALWAYS = ("authorizer", "connection", "erase", "ingest", "worker")
_PROFILE = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abcdef123456"
_TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/companion-test-memory"
_SUBNETS = [f"subnet-{n:08x}" for n in range(17)]


def statement(sid: str, **changes: Any) -> dict[str, Any]:
    """A statement as another module's grants hold it."""
    allow = {"sid": sid, "effect": "Allow", "actions": ["dynamodb:GetItem"], "resources": [_TABLE], "conditions": {}}
    return {**allow, **changes}


SETTINGS: dict[str, Any] = {
    "memory": {
        "tables": {
            "memory": {"name": "companion-test-memory"},
            "connections": {"name": "companion-test-connections"},
            "state": {"name": "companion-test-state"},
        },
        "retention_days": 90,
    },
    "ticket_key_arn": KEY,
    "queue": {
        "url": "https://sqs.eu-central-1.amazonaws.com/111122223333/companion-test-turns.fifo",
        "deadline_seconds": 4,
    },
    "erasure_queue": {"url": "https://sqs.eu-central-1.amazonaws.com/111122223333/companion-test-erasure"},
    "connections_endpoint": "https://abcdef1234.execute-api.eu-central-1.amazonaws.com/live",
    "guardrail": {"id": "abcdef123456", "version": "1"},
    "model": {"engine": "bedrock", "id": _PROFILE},
    "persona": {"prompt": "You are Mira.", "crisis_referral": "Call or text 988."},
}
VECTORS: dict[str, Any] = {
    "endpoint": "https://vpc-companion-test.eu-central-1.es.amazonaws.com",
    "index_name": "memories",
    "signing_service": "es",
    "dimension": 1024,
    "normalise": False,
    "delete_by_query": True,
    "embedding_model_id": "amazon.titan-embed-text-v2:0",
}
VOICE: dict[str, Any] = {
    "voices": {"de-DE": {"voice_id": "Vicki", "engine": "neural"}},
    "vocabularies": {"de-DE": {"vocabulary": "", "filter": ""}},
}
NETWORK: dict[str, Any] = {"subnet_ids": _SUBNETS[:2], "security_group_ids": ["sg-00000001"]}

BASE: dict[str, Any] = {
    **ALARMED,
    "account_id": "111122223333",
    "region": "eu-central-1",
    "settings": SETTINGS,
    "grants": {key: [statement("Read")] for key in _ALWAYS},
}


def _settings(**changes: Any) -> dict[str, Any]:
    return {"settings": {**SETTINGS, **changes}}


def _persona(**changes: Any) -> dict[str, Any]:
    return _settings(persona={**SETTINGS["persona"], **changes})


def _memory(**changes: Any) -> dict[str, Any]:
    return _settings(memory={**SETTINGS["memory"], **changes})


def _queue(**changes: Any) -> dict[str, Any]:
    return _settings(queue={**SETTINGS["queue"], **changes})


def _grants(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"grants": {**BASE["grants"], "worker": list(statements)}}


def with_vectors(**changes: Any) -> dict[str, Any]:
    """The inputs of a companion that recalls by meaning."""
    grants = {**BASE["grants"], "forget": [statement("Read")]}
    return {
        **_settings(vectors={**VECTORS, **changes}),
        "features": ["vectors"],
        "grants": grants,
        "network": NETWORK,
    }


def with_voice(**changes: Any) -> dict[str, Any]:
    """The inputs of a companion that speaks."""
    grants = {**BASE["grants"], "listen": [statement("Read")]}
    return {**_settings(voice={**VOICE, **changes}), "features": ["voice"], "grants": grants}


def _network(**changes: Any) -> dict[str, Any]:
    return {"network": {**NETWORK, **changes}}


_MANY_VOICES = {f"xx-{n:03}": {"voice_id": "Vicki", "engine": "generative"} for n in range(60)}
_LONG_TABLES = [f"{_TABLE}-{n:03}" for n in range(200)]

SUITE = Suite(
    BASE,
    (
        *IDENTITY_CASES,
        *ALARM_CASES,
        *LOG_CASES,
        Case("account_short", {"account_id": "1111"}, "account_id must be the 12 digits"),
        Case("region_of_none", {"region": "Frankfurt"}, "region must be the name of an AWS region"),
        Case("partition_of_china", {"region": "cn-north-1"}),
        Case("recalls", with_vectors()),
        Case("speaks", with_voice()),
        Case("own_model", _settings(model={"engine": "sagemaker", "id": "companion-test"})),
        Case("in_network", _network()),
        Case(
            "table_nameless", _memory(tables={**SETTINGS["memory"]["tables"], "state": {"name": "x"}}), "names of Dyn"
        ),
        Case("retention_none", _memory(retention_days=0), "settings.memory.retention_days must be"),
        Case("retention_two_years", _memory(retention_days=730), "settings.memory.retention_days must be"),
        Case("ticket_key_alias", _settings(ticket_key_arn="alias/tickets"), "settings.ticket_key_arn must be"),
        Case("queue_unordered", _queue(url="https://sqs.eu-central-1.amazonaws.com/1/turns"), "a FIFO queue"),
        Case("deadline_longest", {**_queue(deadline_seconds=29), "worker": {"timeout_seconds": 30}}),
        Case("deadline_none", _queue(deadline_seconds=0), "settings.queue.deadline_seconds must be"),
        Case("deadline_too_long", {**_queue(deadline_seconds=31), "worker": {"timeout_seconds": 60}}, "from 1 to 30"),
        Case(
            "deadline_beyond_timeout",
            {**_queue(deadline_seconds=10), "worker": {"timeout_seconds": 10}},
            "below worker.timeout_seconds",
        ),
        Case("erasure_by_arn", _settings(erasure_queue={"url": "arn:aws:sqs:x"}), "settings.erasure_queue.url must be"),
        Case("turns_without_end", _settings(turns_per_minute=61), "settings.turns_per_minute must be"),
        Case("turns_none", _settings(turns_per_minute=0), "settings.turns_per_minute must be"),
        Case("endpoint_wss", _settings(connections_endpoint="wss://x.example.com/live"), "settings.connections_endp"),
        Case("endpoint_unstaged", _settings(connections_endpoint="https://x.example.com"), "with its stage"),
        Case("guardrail_arn", _settings(guardrail={"id": "arn:aws:x", "version": "1"}), "settings.guardrail.id must"),
        Case("guardrail_draft", _settings(guardrail={"id": "abc", "version": "DRAFT"}), "DRAFT can change under"),
        Case("guardrail_zero", _settings(guardrail={"id": "abc", "version": "0"}), "settings.guardrail.version must"),
        Case("model_of_openai", _settings(model={"engine": "openai", "id": "gpt"}), "settings.model.engine must be"),
        Case("model_bare", _settings(model={"engine": "bedrock", "id": "amazon.nova-lite-v1:0"}), "inference profile"),
        Case("model_no_endpoint", _settings(model={"engine": "sagemaker", "id": _PROFILE}), "name of an endpoint"),
        Case("tokens_most", _settings(max_tokens=4096)),
        Case("tokens_unbounded", _settings(max_tokens=4097), "settings.max_tokens must be"),
        Case("tokens_none", _settings(max_tokens=0), "settings.max_tokens must be"),
        Case("prompt_longest", _persona(prompt="ä" * 999)),
        Case("prompt_blank", _persona(prompt=" "), "settings.persona.prompt must not be blank"),
        Case("prompt_too_long", _persona(prompt="ä" * 1001), "must fit 2000 bytes"),
        Case("disclosed_in_german", _persona(disclosure="Ich bin eine KI.", ai_word="KI")),
        Case("disclosure_blank", _persona(disclosure=" "), "settings.persona.disclosure must say"),
        Case("disclosure_pretends", _persona(disclosure="I am Mira, your friend."), "settings.persona.disclosure must"),
        Case("disclosure_word_blank", _persona(ai_word=" ", disclosure="I am Mira."), "settings.persona.disclosure"),
        Case("disclosure_too_long", _persona(disclosure="AI " * 140), "in at most 400 bytes"),
        Case("referral_to_nowhere", _persona(crisis_referral="Please seek help."), "settings.persona.crisis_referral"),
        Case("referral_too_long", _persona(crisis_referral="988 " * 130), "in at most 500 bytes"),
        Case("feature_imagined", {"features": ["video"]}, 'features must hold nothing but "vectors" and "voice"'),
        Case("voice_unannounced", {**with_voice(), "features": []}, "must be given where features names them"),
        Case("vectors_announced", {**BASE, "features": ["vectors"]}, "must be given where features names them"),
        Case("vectors_in_public", {**with_vectors(), "network": None}, "network must be given with settings.vectors"),
        Case("vectors_in_clear", with_vectors(endpoint="http://x.example.com"), "settings.vectors.endpoint must be"),
        Case("vectors_serverless", with_vectors(signing_service="aoss")),
        Case("vectors_unsigned", with_vectors(signing_service="none"), "settings.vectors.signing_service must be"),
        Case("vectors_everywhere", with_vectors(index_name="*"), "settings.vectors must have the index_name"),
        Case("vectors_flat", with_vectors(dimension=1), "settings.vectors must have the index_name"),
        Case("embedding_unnamed", with_vectors(embedding_model_id=""), "settings.vectors.embedding_model_id must be"),
        Case("voice_mute", with_voice(voices={}), "settings.voice.voices must give"),
        Case("voice_imagined", with_voice(voices={"de-DE": {"voice_id": "Vicki", "engine": "hd"}}), "settings.voice."),
        Case("languages_too_many", with_voice(voices=_MANY_VOICES), "settings must fit the environment of worker"),
        Case("network_by_names", _network(subnet_ids=["a", "b"]), "network must hold ids"),
        Case("network_of_one_zone", _network(subnet_ids=_SUBNETS[:1]), "network must name 2 to 16 subnets"),
        Case("network_too_wide", _network(subnet_ids=_SUBNETS), "network must name 2 to 16 subnets"),
        Case("network_open", _network(security_group_ids=[]), "network must name 2 to 16 subnets"),
        Case("granted_nothing_to_worker", {"grants": {"worker": []}}, "grants must have one entry for each function"),
        Case("granted_to_nobody", {"grants": {**BASE["grants"], "listen": []}}, "grants must have one entry for each"),
        Case("granted_everything", _grants(statement("All", actions=["dynamodb:*"])), "grants must name each action"),
        Case("granted_no_action", _grants(statement("None", actions=[])), "grants must name each action in full"),
        Case("granted_perhaps", _grants(statement("May", effect="Maybe")), "whose effect is"),
        Case("granted_nowhere", _grants(statement("No", resources=[])), "resources or not_resources, and not both"),
        Case("granted_both", _grants(statement("B", not_resources=[_TABLE])), "resources or not_resources, and not"),
        Case(
            "granted_all_but_one",
            _grants(statement("But", resources=[], not_resources=[_TABLE])),
            "grants must use not_resources only to deny",
        ),
        Case("denied_all_but_one", _grants(statement("But", effect="Deny", resources=[], not_resources=[_TABLE]))),
        Case("granted_twice", _grants(statement("Read"), statement("Read")), "a sid of its own"),
        Case("granted_as_lambda", _grants(statement("WriteLogs")), "a sid of its own"),
        Case("granted_with_hyphen", _grants(statement("Read-it")), "a sid of its own"),
        Case("granted_at_length", _grants(statement("Read", resources=_LONG_TABLES)), "must fit 10240 characters"),
        Case("timeout_shortest", {"worker": {"timeout_seconds": 10}}),
        Case("timeout_longest", {"worker": {"timeout_seconds": 120}}),
        Case("timeout_too_short", {"worker": {"timeout_seconds": 9}}, "worker.timeout_seconds must be"),
        Case("timeout_too_long", {"worker": {"timeout_seconds": 121}}, "worker.timeout_seconds must be"),
        Case("memory_least", {"worker": {"memory_mb": 256}}),
        Case("memory_most", {"worker": {"memory_mb": 3008}}),
        Case("memory_too_little", {"worker": {"memory_mb": 255}}, "worker.memory_mb must be"),
        Case("memory_too_much", {"worker": {"memory_mb": 3009}}, "worker.memory_mb must be"),
        Case("reserved", {"worker": {"reserved_concurrency": 50}}),
        Case("switched_off", {"worker": {"reserved_concurrency": 0}}, "worker.reserved_concurrency must be"),
        Case("reserved_one", {"worker": {"reserved_concurrency": 1}}, "worker.reserved_concurrency must be"),
    ),
)
