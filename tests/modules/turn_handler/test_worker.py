"""The turn queue: lateness, repetition, death, departure, and erasure in the middle of a turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import erase, turns, worker

from . import events, fakes
from .conftest import Companion

NONE_FAILED = {"batchItemFailures": []}
ANSWER = fakes.said("Cats come back. ", "Tell me about yours.")
Bedrock = Callable[..., fakes.FakeClient]


def work(*bodies: object, seconds: float = 30) -> Any:
    return worker.handler(events.sqs(*bodies), events.Context(seconds))


def test_turn_that_waited_too_long_is_answered_busy_and_not_worked_on(
    companion: Companion, bedrock: Bedrock, metrics: Any
) -> None:
    model = bedrock(ANSWER)
    assert work(events.turn(enqueued_at=time.time() - 4.5)) == NONE_FAILED
    busy = {"v": 1, "turn_id": "turn-1", "seq": 0, "type": "busy", "data": "", "retry_after_ms": 4000}
    assert companion.frames == [busy]
    assert model.calls == []
    assert metrics() == {"Busy": [1], "DeadlineExceeded": [1]}
    # Told to try again, the client is answered.
    work(events.turn())
    assert companion.kinds()[-1] == "end"


def test_late_turn_of_somebody_who_left_is_done(companion: Companion) -> None:
    companion.put("connections", connection_id=events.CONNECTION, user_id=events.USER)
    companion.gone.add(events.CONNECTION)
    assert work(events.turn(enqueued_at=time.time() - 60)) == NONE_FAILED
    assert companion.items("connections") == []


@pytest.mark.parametrize(
    "body",
    ["no json", "[]", "null", "{}", {"v": 2}, events.turn(v=2), events.turn(text=None), events.turn(enqueued_at="x")],
)
def test_message_that_is_no_turn_goes_to_the_dead_letters(companion: Companion, body: object) -> None:
    assert work(body) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}


def test_what_comes_after_a_failure_waits_for_it(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(ANSWER)
    failed = work(events.turn(), "no json", events.turn(turn_id="turn-3"))
    assert failed == {"batchItemFailures": [{"itemIdentifier": "message-1"}, {"itemIdentifier": "message-2"}]}
    assert {frame["turn_id"] for frame in companion.frames} == {"turn-1"}


def test_turn_is_answered_once(companion: Companion, bedrock: Bedrock) -> None:
    model = bedrock(ANSWER)
    assert work(events.turn(), events.turn()) == NONE_FAILED
    assert len(model.asked("converse_stream")) == 1
    assert companion.kinds() == ["disclosure", "text", "end", "end"]
    assert companion.frames[-1]["data"] == "answered before"
    assert len(companion.items("memory")) == 2


def test_turn_whose_worker_died_is_answered(companion: Companion, bedrock: Bedrock) -> None:
    turns.claim(turns.read(events.sqs(events.turn())["Records"][0]["body"]), seconds=-1)
    model = bedrock(ANSWER)
    assert work(events.turn()) == NONE_FAILED
    assert len(model.asked("converse_stream")) == 1
    assert companion.kinds()[-1] == "end"


def test_turn_that_another_worker_is_at_comes_again_later(companion: Companion, bedrock: Bedrock) -> None:
    turns.claim(turns.read(events.sqs(events.turn())["Records"][0]["body"]), seconds=30)
    model = bedrock(ANSWER)
    assert work(events.turn()) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert model.calls == []


def test_claim_lasts_as_long_as_the_function_may_run(companion: Companion, bedrock: Bedrock) -> None:
    seen = []
    bedrock([lambda: seen.extend(companion.state("turn#")), *ANSWER])
    work(events.turn(), seconds=20)
    assert float(seen[0]["lease_until"]["N"]) - time.time() == pytest.approx(20, abs=3)


def test_client_that_left_stops_the_turn_quietly(companion: Companion, fake: Bedrock, metrics: Any) -> None:
    companion.put("connections", connection_id=events.CONNECTION, user_id=events.USER)
    companion.gone_after = 2
    stream = fakes.Stream(fakes.said(*["One sentence after the other. " * 8] * 5))
    fake("bedrock-runtime", converse_stream=lambda _: {"stream": stream})
    assert work(events.turn()) == NONE_FAILED
    assert companion.kinds() == ["disclosure", "text"]
    assert companion.items("connections") == []
    assert companion.items("memory") == []
    assert stream.closed.wait(5), "the model still streams to nobody"
    assert metrics() == {}


def test_client_that_came_back_gets_the_answer_that_it_missed(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(ANSWER)
    companion.gone.add(events.CONNECTION)
    work(events.turn())
    work(events.turn(connection_id="another"))
    assert companion.kinds() == ["disclosure", "text", "end"]
    assert set(companion.connections) == {"another"}


def test_client_that_left_before_the_end_has_been_answered(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(ANSWER)
    companion.gone_after = 2
    work(events.turn())
    companion.gone_after = None
    work(events.turn(connection_id="another"))
    assert companion.frames[-1]["data"] == "answered before"
    assert len(companion.items("memory")) == 2


def test_registry_that_fails_does_not_bring_the_turn_back(
    companion: Companion, bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock(ANSWER)
    companion.gone.add(events.CONNECTION)
    monkeypatch.setenv("CONNECTIONS_TABLE", "no-such-table")
    assert work(events.turn()) == NONE_FAILED


def test_answer_that_cannot_be_sent_brings_the_turn_back(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(ANSWER)
    companion.broken_post = True
    assert work(events.turn()) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    companion.broken_post = False
    assert work(events.turn()) == NONE_FAILED
    assert companion.kinds() == ["disclosure", "text", "end"]


def test_turn_from_before_the_erasure_is_not_answered_and_leaves_nothing(
    companion: Companion, bedrock: Bedrock
) -> None:
    model = bedrock(ANSWER)
    sent = events.turn()
    erase.handler(events.sqs(events.erasure(connection_id=None)), None)
    assert work(sent) == NONE_FAILED
    assert model.calls == []
    (answer,) = companion.frames
    assert answer["type"] == "error"
    assert "erased" in answer["data"]
    assert [item["state_key"]["S"] for item in companion.items("state")] == ["erased"]
    assert companion.items("memory") == []


def test_erasure_in_the_middle_of_a_turn_leaves_nothing_of_it(companion: Companion, bedrock: Bedrock) -> None:
    bedrock([*ANSWER[:-2], lambda: erase.handler(events.sqs(events.erasure(connection_id=None)), None), *ANSWER[-2:]])
    assert work(events.turn()) == NONE_FAILED
    assert companion.kinds() == ["disclosure", "text", "end"]
    assert [item["state_key"]["S"] for item in companion.items("state")] == ["erased"]
    assert companion.items("memory") == []


def test_failure_after_an_erasure_leaves_nothing_either(companion: Companion, bedrock: Bedrock) -> None:
    bedrock([lambda: erase.handler(events.sqs(events.erasure(connection_id=None)), None)])
    work(events.turn())
    assert companion.kinds() == ["disclosure", "error"]
    assert [item["state_key"]["S"] for item in companion.items("state")] == ["erased"]


def test_turn_after_an_erasure_is_remembered(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(ANSWER)
    erase.handler(events.sqs(events.erasure(connection_id=None)), None)
    work(events.turn())
    assert len(companion.items("memory")) == 2


def test_two_conversations_of_a_user_do_not_disturb_each_other(
    companion: Companion, bedrock: Bedrock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedrock(ANSWER)
    real = companion.dynamodb.transact_write_items
    conflicts = iter([True, True, False, False, False])

    def conflicting(**parameters: Any) -> Any:
        if next(conflicts):
            error = fakes.aws_error("TransactionCanceledException", "TransactWriteItems")
            error.response["CancellationReasons"] = [{"Code": "TransactionConflict"}, {"Code": "None"}]
            raise error
        return real(**parameters)

    monkeypatch.setattr(companion.dynamodb, "transact_write_items", conflicting)
    assert work(events.turn()) == NONE_FAILED
    assert companion.kinds()[-1] == "end"
    assert len(companion.items("memory")) == 2
