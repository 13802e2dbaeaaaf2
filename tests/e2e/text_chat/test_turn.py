"""A turn, from the socket to the socket."""

from __future__ import annotations

import time

from tests.e2e.talking import Served, kinds, text

THREE_HOURS = 3 * 3600


def test_a_turn_comes_back_in_pieces_and_in_order(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        frames = talker.ask("Tell me a story")
    assert kinds(frames)[0] == "disclosure"
    assert kinds(frames)[-1] == "end"
    assert set(kinds(frames)[1:-1]) == {"text"}
    assert len(frames) > 3
    assert [frame["seq"] for frame in frames] == list(range(len(frames)))
    assert text(frames).startswith("Once there was a lighthouse")
    assert text(frames).endswith("what it is for.")


def test_the_first_words_are_there_long_before_the_last(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        turn = talker.send("take your time")
        came = {"text": 0.0}
        while True:
            frame = talker.hear()
            came.setdefault(frame["type"], time.monotonic())
            if frame["type"] == "text" and not came["text"]:
                came["text"] = time.monotonic()
            if frame["type"] == "end":
                break
    assert frame["turn_id"] == turn
    # 21 words, a quarter of a second each, let go sentence by sentence.
    assert came["end"] - came["text"] > 2


def test_disclosure_comes_with_each_connection_and_after_three_hours(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        assert text(talker.ask("hello"), "disclosure") == "Hi, I am Robin. I am an AI, not a person."
        assert "disclosure" not in kinds(talker.ask("hello"))
        _turn_back_the_clock(text_chat, user, THREE_HOURS - 60)
        assert "disclosure" not in kinds(talker.ask("hello"))
        _turn_back_the_clock(text_chat, user, THREE_HOURS)
        assert kinds(talker.ask("hello"))[0] == "disclosure"
    with text_chat.talker(user) as talker:
        assert kinds(talker.ask("hello"))[0] == "disclosure"


def _turn_back_the_clock(served: Served, user: str, seconds: int) -> None:
    stored = served.companion.stored
    (item,) = (each for each in stored.items("state", user) if each["state_key"]["S"].startswith("disclosure#"))
    item["shown_at"] = {"N": str(int(time.time()) - seconds)}
    served.companion.client("dynamodb").put_item(TableName=stored.tables["state"], Item=item)


def test_a_repeated_turn_is_answered_once(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        first = talker.ask("hello", turn_id="the-same")
        before = text_chat.companion.bedrock.conversations
        again = talker.ask("hello", turn_id="the-same")
        assert (kinds(again), again[0]["data"]) == (["end"], "answered before")
        # And before the first is answered.
        talker.send("Tell me a story", turn_id="twice")
        talker.send("Tell me a story", turn_id="twice")
        frames = talker.turn("twice")
        frames += talker.turn("twice")
    assert text(first) != ""
    assert text(frames).count("lighthouse that nobody") == 1
    assert kinds(frames).count("end") == 2
    assert frames[-1]["data"] == "answered before"
    assert text_chat.companion.bedrock.conversations == before + 1
    said = [each["text"]["S"] for each in text_chat.companion.stored.items("memory", user)]
    assert said.count("Tell me a story") == 1


def test_turns_of_a_conversation_are_answered_one_after_the_other(text_chat: Served, user: str) -> None:
    ids = [f"number-{number}" for number in range(5)]
    with text_chat.talker(user) as talker:
        for turn_id in ids:
            talker.queue("Tell me a story", turn_id)
        frames = talker.turn(ids[0])
        while len({frame["turn_id"] for frame in frames if frame["type"] in ("end", "busy")}) < len(ids):
            frames.append(talker.hear())
    order = [frame["turn_id"] for frame in frames]
    assert [each for number, each in enumerate(order) if number == 0 or order[number - 1] != each] == ids


def test_conversations_do_not_wait_for_each_other_and_none_is_lost(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        slow = talker.send("take your time", conversation_id="slow")
        others = {talker.send("hello", conversation_id=f"quick-{number}") for number in range(6)}
        frames = talker.turn(slow)
    ended = [frame["turn_id"] for frame in frames if frame["type"] == "end"]
    assert set(ended) == {*others, slow}
    assert ended[-1] == slow


def test_conversations_remember_apart(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        talker.ask("My cat is called Mimi", conversation_id="one")
        assert text(talker.ask("What is my cat called?", conversation_id="one")) == "You told me: My cat is called Mimi"
        other = text(talker.ask("What is my cat called?", conversation_id="two"))
    assert other == "I don't remember that. Would you tell me again?"
