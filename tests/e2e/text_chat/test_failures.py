"""What a user gets when something is slow, gone, broken or too much: never silence, never a stale answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.talking import Frame, Served, Talker, kinds, text, wait_for

DEADLINE_MS = 4000


def queue(served: Served, kind: str) -> str:
    """The URL of "turns" or of its "dead-letters"."""
    ends = {"turns": "-turns.fifo", "dead-letters": "-turns-dead-letters.fifo"}[kind]
    (url,) = (each for each in served.companion.deployed.queues.values() if each.endswith(ends))
    return url


def waiting(served: Served, kind: str) -> int:
    """How many messages there are in a queue, those that are being answered among them."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    client = served.companion.client("sqs")
    told = client.get_queue_attributes(QueueUrl=queue(served, kind), AttributeNames=names)["Attributes"]
    return sum(int(told[name]) for name in names)


@pytest.fixture
def seen_again_after(text_chat: Served) -> Iterator[Any]:
    """Sets the seconds after which the queue gives a message again; as deployed, that takes three minutes."""
    client, url = text_chat.companion.client("sqs"), queue(text_chat, "turns")
    planned = client.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    yield lambda seconds: client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
    client.set_queue_attributes(QueueUrl=url, Attributes=planned)


def test_a_turn_that_waited_too_long_is_busy_and_never_answered(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        slow = talker.queue("take your time")
        late = talker.queue("hello")
        frames = talker.turn(slow)
        assert text(frames).endswith("all will be well.")
        (busy,) = [frame for frame in talker.turn(late) if frame["turn_id"] == late]
        assert talker.silence(1) == []
        assert (busy["type"], busy["retry_after_ms"]) == ("busy", DEADLINE_MS)
        assert "hello" not in str(text_chat.companion.stored.of(user)["memory"])
        # It is not answered, so that the same id can be sent again.
        assert kinds(talker.ask("hello", turn_id=late))[-1] == "end"


def test_a_client_that_left_is_not_answered_again(text_chat: Served, user: str) -> None:
    # A run counts when it has ended, which is after its last frame.
    wait_for(lambda: waiting(text_chat, "turns") == 0)
    before = len(text_chat.of("worker"))
    talker = text_chat.talker(user)
    talker.send("take your time")
    while talker.hear()["type"] != "text":
        pass
    talker.socket.close()
    (run,) = wait_for(lambda: text_chat.of("worker")[before:])
    assert (run.error, run.payload) == (None, {"batchItemFailures": []})
    wait_for(lambda: waiting(text_chat, "turns") == 0)
    assert waiting(text_chat, "dead-letters") == 0
    time.sleep(1)
    assert len(text_chat.of("worker")) == before + 1
    stored = text_chat.companion.stored.of(user)
    assert (stored["memory"], stored["connections"]) == ([], 0)


def test_a_model_that_refuses_for_a_moment_is_busy(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        frames = talker.ask("please refuse")
        assert kinds(frames)[-1] == "busy"
        assert frames[-1]["retry_after_ms"] > 0


def test_a_model_that_fails_is_an_error_that_can_be_sent_again(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        frames = talker.ask("please fail")
        assert (kinds(frames)[-1], "retry_after_ms" in frames[-1]) == ("error", True)
        assert "could not answer" in frames[-1]["data"]


def test_a_worker_that_dies_is_tried_once_more_and_is_then_too_late_to_answer(
    text_chat: Served, user: str, seen_again_after: Any
) -> None:
    # Longer than the deadline, as deployed: nobody waits for an answer any more, so there is none.
    seen_again_after(DEADLINE_MS // 1000 + 1)
    with text_chat.talker(user) as talker:
        turn_id = _die_in_the_middle(text_chat, talker)
        assert kinds(talker.ask("hello", conversation_id="another"))[-1] == "end"
        *begun, busy = talker.turn(turn_id)
        assert set(kinds(begun)) <= {"text"}
        assert (busy["type"], busy["seq"], busy["retry_after_ms"]) == ("busy", 0, DEADLINE_MS)
        assert talker.silence(1) == []
    assert waiting(text_chat, "turns") == waiting(text_chat, "dead-letters") == 0


def test_a_worker_that_dies_twice_leaves_a_dead_letter_and_an_alarm(
    text_chat: Served, user: str, seen_again_after: Any
) -> None:
    companion, name = text_chat.companion, "companion-text-turns-dead-letters"
    seen_again_after(DEADLINE_MS // 1000 + 1)
    assert name not in companion.ringing()
    with text_chat.talker(user) as talker:
        turn_id = _die_in_the_middle(text_chat, talker)
        companion.function("worker").crash(1)
        wait_for(lambda: waiting(text_chat, "dead-letters") == 1)
        # Nothing but what was said before it died.
        assert set(kinds(talker.silence(1))) <= {"text"}
    assert waiting(text_chat, "turns") == 0
    wait_for(lambda: name in companion.ringing(), 10)
    wait_for(lambda: f"alarm {name} rings" in text_chat.warned, 10)
    url, client = queue(text_chat, "dead-letters"), companion.client("sqs")
    (letter,) = client.receive_message(QueueUrl=url)["Messages"]
    client.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
    assert json.loads(letter["Body"])["turn_id"] == turn_id


def _die_in_the_middle(served: Served, talker: Talker) -> str:
    """Send a turn whose worker dies while it answers; the turn's id."""
    runs = len(served.of("worker"))
    turn_id = talker.send("take your time", conversation_id="doomed")
    while talker.hear()["type"] != "text":
        pass
    assert served.companion.function("worker").kill_busy() == 1
    (death,) = wait_for(lambda: [each for each in served.of("worker")[runs:] if each.error])
    assert death.error["errorType"] == "Runtime.ExitError"
    return turn_id


def test_a_user_who_sends_too_much_is_told_when_to_go_on(text_chat: Served, user: str) -> None:
    limit = int(text_chat.companion.function("ingest").function.environment["TURNS_PER_MINUTE"])
    minutes = {int(time.time() // 60)}
    with text_chat.talker(user) as talker:
        for number in range(limit + 1):
            talker.send("hello", conversation_id=f"c{number % 7}")
        ended: list[Frame] = []
        while len(ended) <= limit:
            frame = talker.hear()
            ended += [frame] if frame["type"] in ("end", "busy") else []
    minutes.add(int(time.time() // 60))
    busy = [frame for frame in ended if frame["type"] == "busy"]
    # A minute may have begun in between.
    assert busy or len(minutes) > 1
    assert all(0 < frame["retry_after_ms"] <= 60_000 for frame in busy)
