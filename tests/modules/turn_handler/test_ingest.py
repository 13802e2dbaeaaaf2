from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import ingest

from . import events, fakes
from .conftest import Companion

SEND = {"action": "send", "turn_id": "turn-1", "text": events.TEXT}


def test_turn_is_queued_for_its_conversation_and_the_worker_answers(companion: Companion) -> None:
    before = time.time()
    assert (
        ingest.handler(events.message(SEND | {"conversation_id": "c-2", "voice": "de-DE"}), None)["statusCode"] == 200
    )
    (queued,) = companion.queued("turns")
    content = json.loads(queued["Body"])
    assert before <= content.pop("enqueued_at") <= time.time()
    assert content == {
        "v": 1,
        "user_id": events.USER,
        "connection_id": events.CONNECTION,
        "conversation_id": "c-2",
        "turn_id": "turn-1",
        "text": events.TEXT,
        "voice": "de-DE",
    }
    group = hashlib.sha256(f"{events.USER}\nc-2".encode()).hexdigest()
    assert queued["Attributes"]["MessageGroupId"] == group
    assert companion.frames == []


def test_turn_that_is_sent_again_reaches_the_worker_again(companion: Companion) -> None:
    # SQS would drop a repeated deduplication id for 5 minutes, and whoever was told to try again would hear nothing.
    for _ in range(2):
        ingest.handler(events.message(SEND), None)
    assert [json.loads(queued["Body"])["turn_id"] for queued in companion.queued("turns")] == ["turn-1", "turn-1"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("no json", "a frame must be JSON"),
        ("", "a frame must be JSON"),
        ("[" * 100_000, "a frame must be JSON"),
        ("[]", "a frame must be a JSON object"),
        ({}, "action must be send, listen, erase or ping"),
        ({"action": "shout"}, "action must be send, listen, erase or ping"),
        ({"action": ["send"]}, "action must be send, listen, erase or ping"),
        ({"action": "send", "text": "x"}, "turn_id must be 1 to 64 letters, digits, hyphens or underscores"),
        (SEND | {"turn_id": "a#b"}, "turn_id must be 1 to 64 letters, digits, hyphens or underscores"),
        (SEND | {"turn_id": "x" * 65}, "turn_id must be 1 to 64 letters, digits, hyphens or underscores"),
        (SEND | {"turn_id": "x\n"}, "turn_id must be 1 to 64 letters, digits, hyphens or underscores"),
        (SEND | {"text": " "}, "text must be a string that is not empty"),
        (SEND | {"text": None}, "text must be a string that is not empty"),
        (SEND | {"text": "\ud800"}, "text must be valid Unicode, without lone surrogates"),
        (SEND | {"text": "ü" * 4097}, "text has 8194 bytes, and may have 8192; send less at once"),
        (SEND | {"conversation_id": 5}, "conversation_id must be 1 to 64 letters, digits, hyphens or underscores"),
        (SEND | {"voice": "loud!"}, "voice must be a language code such as en-US"),
        ({"action": "listen", "language": "en-US"}, "this companion does not listen; send text"),
    ],
)
def test_frame_that_is_wrong_is_answered_with_what_to_do(companion: Companion, frame: object, message: str) -> None:
    assert ingest.handler(events.message(frame, "$default"), None)["statusCode"] == 200
    (answer,) = companion.frames
    assert (answer["type"], answer["data"]) == ("error", message)
    assert companion.queued("turns") == []


def test_error_names_the_turn_that_it_belongs_to(companion: Companion) -> None:
    ingest.handler(events.message(SEND | {"text": ""}), None)
    ingest.handler(events.message({"action": "sned", "turn_id": "turn-2"}), None)
    assert [frame["turn_id"] for frame in companion.frames] == ["turn-1", "turn-2"]


def test_binary_frame_is_refused(companion: Companion) -> None:
    ingest.handler(events.message(SEND) | {"isBase64Encoded": True}, None)
    assert companion.frames[0]["data"] == "a frame must be text, not binary"


def test_longest_text_is_taken(companion: Companion) -> None:
    ingest.handler(events.message(SEND | {"text": "ü" * 4096}), None)
    assert len(companion.queued("turns")) == 1


def test_ping_is_answered(companion: Companion) -> None:
    ingest.handler(events.message({"action": "ping"}, "ping"), None)
    assert companion.frames == [{"v": 1, "turn_id": None, "seq": 0, "type": "pong", "data": ""}]


def test_who_sends_too_fast_hears_when_to_go_on(companion: Companion, metrics: Any) -> None:
    for number in range(4):
        ingest.handler(events.message(SEND | {"turn_id": f"turn-{number}"}), None)
    (busy,) = companion.frames
    assert (busy["type"], busy["turn_id"]) == ("busy", "turn-3")
    assert 0 < busy["retry_after_ms"] <= 60_000
    assert metrics() == {"Busy": [1]}
    # Others are not held back.
    ingest.handler(events.message(SEND, user_id="somebody-else"), None)
    assert len(companion.frames) == 1


def test_next_minute_begins_afresh(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for _ in range(4):
        ingest.handler(events.message(SEND), None)
    monkeypatch.setattr(time, "time", lambda: now + 61)
    ingest.handler(events.message(SEND | {"turn_id": "turn-9"}), None)
    assert companion.kinds() == ["busy"]
    for item in companion.state("rate#"):
        assert now < int(item["expires_at"]["N"]) < now + 240, "the count of a minute must expire"


@pytest.mark.parametrize("service", ["sqs", "dynamodb"])
@pytest.mark.parametrize("frame", [SEND, {"action": "erase"}])
def test_turn_that_cannot_be_queued_is_answered_busy(
    companion: Companion, fake: Callable[..., fakes.FakeClient], metrics: Any, service: str, frame: dict[str, Any]
) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise fakes.aws_error("RequestThrottled", "SendMessage")

    fake(service, send_message=fail, update_item=fail)
    assert ingest.handler(events.message(frame), None)["statusCode"] == 200
    (busy,) = companion.frames
    assert (busy["type"], busy["turn_id"], busy["retry_after_ms"]) == ("busy", frame.get("turn_id"), 2000)
    assert metrics() == {"Busy": [1]}


def test_erasure_is_queued_and_confirmed_as_requested(companion: Companion) -> None:
    ingest.handler(events.message({"action": "erase"}, "erase"), None)
    (queued,) = companion.queued("erasures")
    content = json.loads(queued["Body"])
    assert content.pop("requested_at") == pytest.approx(time.time(), abs=5)
    assert content == {"v": 1, "user_id": events.USER, "connection_id": events.CONNECTION}
    assert [(frame["type"], frame["data"]) for frame in companion.frames] == [("erasure", "requested")]


def test_right_to_be_forgotten_is_not_used_up_by_talking(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNS_PER_MINUTE", "10")
    for _ in range(10):
        ingest.handler(events.message(SEND), None)
    ingest.handler(events.message({"action": "erase"}, "erase"), None)
    assert companion.kinds()[-1] == "erasure"


def test_user_is_who_the_authorizer_says_and_nobody_else(companion: Companion) -> None:
    ingest.handler(events.message(SEND | {"user_id": "victim"}), None)
    assert json.loads(companion.queued("turns")[0]["Body"])["user_id"] == events.USER
    assert ingest.handler(events.message(SEND, user_id=None), None) == {"statusCode": 401}


def test_answer_to_somebody_who_left_is_no_error(companion: Companion) -> None:
    companion.gone.add(events.CONNECTION)
    assert ingest.handler(events.message({"action": "ping"}, "ping"), None) == {"statusCode": 200}
    assert companion.frames == []


def test_answer_that_cannot_be_sent_is_an_error_that_api_gateway_tells(companion: Companion) -> None:
    companion.broken_post = True
    assert ingest.handler(events.message({"action": "ping"}, "ping"), None) == {"statusCode": 500}
