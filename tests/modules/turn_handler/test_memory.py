"""What a companion tells and keeps from turn to turn: that it is an AI, and what was said."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import worker

from . import events, fakes
from .conftest import ENVIRONMENT, Companion

Bedrock = Callable[..., fakes.FakeClient]
DAY = 86400


def answer(**changes: Any) -> None:
    assert worker.handler(events.sqs(events.turn(**changes)), events.Context()) == {"batchItemFailures": []}


def remember(companion: Companion, memory_id: str, role: str, text: str, **changes: Any) -> None:
    item = {
        "user_id": events.USER,
        "memory_id": memory_id,
        "kind": "turn",
        "conversation_id": "default",
        "role": role,
        "text": text,
        "expires_at": int(time.time()) + DAY,
        **changes,
    }
    companion.put("memory", **item)


def test_disclosure_is_shown_once_for_a_connection_and_again_after_three_hours(
    companion: Companion, bedrock: Bedrock
) -> None:
    bedrock(fakes.said("Yes."))
    answer()
    answer(turn_id="turn-2")
    assert companion.kinds() == ["disclosure", "text", "end", "text", "end"]
    answer(turn_id="turn-3", connection_id="another")
    assert companion.kinds()[5:] == ["disclosure", "text", "end"]
    (shown, _) = sorted(
        companion.state("disclosure#"), key=lambda item: events.CONNECTION not in item["state_key"]["S"]
    )
    shown["shown_at"] = {"N": str(int(time.time()) - 3 * 3600 - 1)}
    companion.dynamodb.put_item(TableName=ENVIRONMENT["STATE_TABLE"], Item=shown)
    answer(turn_id="turn-4")
    assert companion.kinds()[8:] == ["disclosure", "text", "end"]


def test_disclosure_is_shown_again_when_the_answer_failed(companion: Companion, bedrock: Bedrock) -> None:
    bedrock([], fakes.said("Yes."))
    answer()
    answer()
    assert companion.kinds() == ["disclosure", "error", "disclosure", "text", "end"]


def test_turn_and_answer_are_remembered_for_as_long_as_promised(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said("Cats ", "come back."))
    answer(conversation_id="c-2")
    asked, answered = sorted(companion.items("memory"), key=lambda item: str(item["memory_id"]["S"]))
    assert (asked["role"]["S"], asked["text"]["S"]) == ("user", events.TEXT)
    assert (answered["role"]["S"], answered["text"]["S"]) == ("assistant", "Cats come back.")
    for item in (asked, answered):
        assert item["kind"]["S"] == "turn"
        assert item["conversation_id"]["S"] == "c-2"
        assert len(item["memory_id"]["S"]) == 26
        assert int(item["expires_at"]["N"]) - time.time() == pytest.approx(90 * DAY, abs=10)


def test_all_state_expires(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said("Yes."))
    answer()
    for item in companion.items("state"):
        assert time.time() < int(item["expires_at"]["N"]) < time.time() + 2 * DAY


def test_model_is_told_what_was_said_before_in_this_conversation(companion: Companion, bedrock: Bedrock) -> None:
    soon, past = int(time.time()) + DAY, int(time.time()) - 1
    remember(companion, "01A", "user", "My first word", expires_at=past)
    remember(companion, "01B", "assistant", "Its answer", expires_at=soon)
    remember(companion, "01C", "user", "I have a cat")
    remember(companion, "01D", "assistant", "What is its name?")
    remember(companion, "01E", "user", "Somewhere else", conversation_id="other")
    remember(companion, "01F", "user", "A note", kind="memory")
    remember(companion, "01C", "user", "Somebody else's", user_id="somebody-else")
    model = bedrock(fakes.said("Yes."))
    answer()
    (asked,) = model.asked("converse_stream")
    assert [(message["role"], [part["text"] for part in message["content"]]) for message in asked["messages"]] == [
        ("user", ["I have a cat"]),
        ("assistant", ["What is its name?"]),
        ("user", [events.TEXT]),
    ]


def test_model_is_told_the_last_ten_turns_and_no_more(companion: Companion, bedrock: Bedrock) -> None:
    for number in range(12):
        remember(companion, f"{number:02}A", "user", f"question {number}")
        remember(companion, f"{number:02}B", "assistant", f"answer {number}")
    model = bedrock(fakes.said("Yes."))
    answer()
    messages = model.asked("converse_stream")[0]["messages"]
    assert len(messages) == 21
    assert messages[0]["content"] == [{"text": "question 2"}]


def test_next_turn_builds_on_this_one(companion: Companion, bedrock: Bedrock) -> None:
    model = bedrock(fakes.said("What is its name?"))
    answer()
    answer(turn_id="turn-2", text="Mimi")
    messages = model.asked("converse_stream")[1]["messages"]
    assert [message["content"][0]["text"] for message in messages] == [events.TEXT, "What is its name?", "Mimi"]
