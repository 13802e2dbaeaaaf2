"""What a user sees of a turn on Bedrock: the answer, the refusal, and every failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EventStreamError
from companion import clients, worker

from . import events, fakes
from .conftest import ENVIRONMENT, Companion

Bedrock = Callable[..., fakes.FakeClient]


def answer(seconds: float = 30, **changes: Any) -> None:
    assert worker.handler(events.sqs(events.turn(**changes)), events.Context(seconds)) == {"batchItemFailures": []}


def test_answer_comes_in_numbered_frames_and_ends(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said("Cats ", "come back."))
    answer()
    assert companion.frames == [
        {"v": 1, "turn_id": "turn-1", "seq": 0, "type": "disclosure", "data": "I am an AI, not a person."},
        {"v": 1, "turn_id": "turn-1", "seq": 1, "type": "text", "data": "Cats come back."},
        {"v": 1, "turn_id": "turn-1", "seq": 2, "type": "end", "data": ""},
    ]


def test_model_is_asked_under_the_pinned_guardrail_and_within_the_quota(companion: Companion, bedrock: Bedrock) -> None:
    model = bedrock(fakes.said("Yes."))
    answer()
    assert model.asked("converse_stream") == [
        {
            "modelId": ENVIRONMENT["MODEL_ID"],
            "system": [{"text": "You are a friend."}],
            "messages": [{"role": "user", "content": [{"text": events.TEXT}]}],
            "inferenceConfig": {"maxTokens": 300},
            "guardrailConfig": {
                "guardrailIdentifier": "gr1a2b3c4d5e",
                "guardrailVersion": "7",
                "streamProcessingMode": "sync",
                "trace": "enabled",
            },
        }
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("GUARDRAIL_VERSION", "DRAFT"), ("GUARDRAIL_VERSION", ""), ("GUARDRAIL_ID", ""), ("MAX_TOKENS", "")],
)
def test_without_a_pinned_guardrail_or_a_limit_no_model_is_asked(
    companion: Companion, bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    model = bedrock(fakes.said("Yes."))
    monkeypatch.setenv(name, value)
    answer()
    assert model.calls == []
    assert companion.kinds() == ["disclosure", "error"]


@pytest.mark.parametrize("both", [True, False])
def test_without_exactly_one_model_nothing_is_asked(
    companion: Companion, bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch, both: bool
) -> None:
    model = bedrock(fakes.said("Yes."))
    monkeypatch.setenv("ENDPOINT_NAME" if both else "MODEL_ID", "endpoint" if both else "")
    answer()
    assert model.calls == []
    assert companion.kinds() == ["disclosure", "error"]


def test_pieces_are_gathered_into_few_frames(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said(*["word "] * 100))
    answer()
    frames = [frame["data"] for frame in companion.frames if frame["type"] == "text"]
    assert "".join(frames) == "word " * 100
    assert [len(frame) for frame in frames[:2]] == [200, 200]
    assert len(frames) <= 4


def test_slow_model_does_not_hold_back_what_it_said(companion: Companion, bedrock: Bedrock) -> None:
    seen: list[int] = []

    def pause() -> None:
        deadline = time.monotonic() + 5
        while "text" not in companion.kinds() and time.monotonic() < deadline:
            time.sleep(0.01)
        seen.append(len(companion.text()))

    start, first, *rest = fakes.said("First. ", "Second.")
    bedrock([start, first, pause, *rest])
    answer()
    assert seen == [len("First. ")]
    assert companion.text() == "First. Second."


@pytest.mark.parametrize("message", [[fakes.BLOCKED_MESSAGE], list(fakes.BLOCKED_MESSAGE)])
def test_refused_request_is_answered_with_where_help_is(
    companion: Companion, bedrock: Bedrock, metrics: Any, message: list[str]
) -> None:
    trace = fakes.refused("input", fakes.SELF_HARM)
    bedrock(fakes.said(*message, stop="guardrail_intervened", trace=trace))
    answer()
    assert companion.kinds() == ["disclosure", "blocked", "end"]
    assert companion.frames[1]["data"] == fakes.BLOCKED_MESSAGE
    assert metrics()["Blocked"] == [1]
    assert companion.items("memory") == [], "what was refused came back as a memory"


def test_answer_that_is_refused_midway_is_replaced(companion: Companion, bedrock: Bedrock) -> None:
    trace = fakes.refused("output", fakes.SELF_HARM)
    bedrock(fakes.said("x" * 250, fakes.BLOCKED_MESSAGE, stop="guardrail_intervened", trace=trace))
    answer()
    assert companion.kinds() == ["disclosure", "text", "blocked", "end"]
    assert companion.text() == "x" * 250
    assert companion.frames[2]["data"] == fakes.BLOCKED_MESSAGE
    assert companion.items("memory") == []


@pytest.mark.parametrize("said", [[], ["No."], [*"I would rather not"]])
@pytest.mark.parametrize(
    "trace", [None, fakes.refused("output", fakes.SELF_HARM), fakes.refused("input", fakes.SELF_HARM)]
)
def test_refusal_names_help_whatever_became_of_its_message(
    companion: Companion, bedrock: Bedrock, said: list[str], trace: dict[str, Any] | None
) -> None:
    bedrock(fakes.said(*said, stop="guardrail_intervened", trace=trace))
    answer()
    assert companion.kinds()[-2:] == ["blocked", "end"]
    assert fakes.REFERRAL in companion.frames[-2]["data"]


def test_models_own_refusal_counts_as_one(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said("Hm.", stop="content_filtered"))
    answer()
    assert companion.kinds() == ["disclosure", "blocked", "end"]
    assert fakes.REFERRAL in companion.frames[1]["data"]


def test_masked_answer_is_an_answer(companion: Companion, bedrock: Bedrock, metrics: Any) -> None:
    trace = fakes.refused("output", fakes.MASKED)
    bedrock(fakes.said("Write to {EMAIL}.", stop="guardrail_intervened", trace=trace))
    answer()
    assert companion.kinds() == ["disclosure", "text", "end"]
    assert metrics()["Blocked"] == [0]
    assert len(companion.items("memory")) == 2


def test_answer_that_is_cut_at_the_limit_ends(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said("Once upon a", stop="max_tokens"))
    answer()
    assert companion.kinds() == ["disclosure", "text", "end"]


def broken(code: str) -> Callable[[], None]:
    def fail() -> None:
        raise EventStreamError({"Error": {"Code": code, "Message": "secret"}}, "ConverseStream")

    return fail


@pytest.mark.parametrize(
    "stream",
    [
        [],
        fakes.said("Cats ")[:-2],
        [*fakes.said("Cats ")[:2], broken("modelStreamErrorException")],
        [*fakes.said("x" * 250)[:2], broken("throttlingException")],
        fakes.said(),
        fakes.said(" "),
    ],
)
def test_answer_that_breaks_off_is_an_error_and_can_be_asked_again(
    companion: Companion, bedrock: Bedrock, metrics: Any, stream: list[Any]
) -> None:
    bedrock(stream, fakes.said("Cats come back."))
    answer()
    assert companion.frames[-1]["type"] == "error"
    assert companion.frames[-1]["retry_after_ms"] == 2000
    assert metrics() == {"Failed": [1]}
    assert companion.items("memory") == []
    answer()
    assert companion.kinds()[-2:] == ["text", "end"]


@pytest.mark.parametrize("stream", [[broken("throttlingException")], [broken("serviceUnavailableException")]])
def test_model_that_is_overloaded_makes_the_companion_busy(
    companion: Companion, bedrock: Bedrock, metrics: Any, stream: list[Any]
) -> None:
    bedrock(stream)
    answer()
    assert companion.kinds() == ["disclosure", "busy"]
    assert companion.frames[1]["retry_after_ms"] == 2000
    assert metrics() == {"Busy": [1]}


def test_answer_that_takes_too_long_is_an_error_and_no_silence(companion: Companion, bedrock: Bedrock) -> None:
    start, first, *rest = fakes.said("Cats ", "come back.")
    bedrock([start, first, lambda: time.sleep(1.5), *rest])
    answer(seconds=4.5)
    assert companion.kinds() == ["disclosure", "text", "error"]


def test_database_that_fails_is_an_error_and_no_silence(
    companion: Companion, bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock(fakes.said("Yes."))
    monkeypatch.setenv("STATE_TABLE", "no-such-table")
    answer()
    assert companion.kinds() == ["error"]


def test_answer_that_could_not_be_kept_is_still_an_answer(
    companion: Companion, bedrock: Bedrock, metrics: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock(fakes.said("Cats come back."))
    real = companion.dynamodb.transact_write_items
    calls = iter([real, None])

    def transact(**parameters: Any) -> Any:
        call = next(calls)
        if call is None:
            raise fakes.aws_error("InternalServerError", "TransactWriteItems")
        return call(**parameters)

    monkeypatch.setattr(companion.dynamodb, "transact_write_items", transact)
    answer()
    assert companion.kinds() == ["disclosure", "text", "end"]
    assert metrics()["Failed"] == [1]


def test_times_are_measured_from_when_the_user_sent(companion: Companion, bedrock: Bedrock, metrics: Any) -> None:
    bedrock(fakes.said("Yes."))
    answer(enqueued_at=time.time() - 2)
    values = metrics()
    assert set(values) == {"FirstTokenMs", "TurnMs", "Blocked"}
    assert 2000 <= values["FirstTokenMs"][0] <= values["TurnMs"][0] < 10_000


def test_text_companion_asks_for_nothing_that_it_does_not_have(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said("Yes."))
    answer()
    assert set(clients._MADE) == {"dynamodb", "sqs", "kms", "apigatewaymanagementapi", "bedrock-runtime"}
    assert all(method == "converse_stream" for method, _ in clients._MADE["bedrock-runtime"].calls)
