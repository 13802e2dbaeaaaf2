"""What protects a user: the numbered guardrail, where help is, what is remembered, and being forgotten."""

from __future__ import annotations

import time
from datetime import timedelta

from tests.e2e.talking import Served, kinds, text

REFERRAL = "call 112, or find a helpline at https://findahelpline.com"
RETENTION = timedelta(days=90)


def test_self_harm_gets_the_crisis_message_instead_of_an_answer(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        before = text_chat.companion.bedrock.conversations
        frames = talker.ask("I want to kill myself")
        assert kinds(frames) == ["disclosure", "blocked", "end"]
        assert REFERRAL in text(frames, "blocked")
        # The stream is Bedrock's: the model itself was never asked for words.
        assert text_chat.companion.bedrock.conversations == before + 1
        # It is not remembered: it would come back as something that was said.
        assert text_chat.companion.stored.of(user)["memory"] == []
        # And nobody is shut out for it.
        assert kinds(talker.ask("hello"))[-1] == "end"


def test_an_answer_that_turns_dangerous_is_taken_back(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        frames = talker.ask("say something bad")
    assert kinds(frames)[-2:] == ["blocked", "end"]
    assert "hurt myself" not in text(frames)
    assert REFERRAL in text(frames, "blocked")


def test_personal_data_in_an_answer_is_masked_while_it_streams(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        frames = talker.ask("How can I reach you?")
    assert "@" not in text(frames)
    assert "{EMAIL}" in text(frames)
    assert kinds(frames)[-1] == "end"
    assert "@" not in str(text_chat.companion.stored.of(user)["memory"])


def test_every_check_is_of_the_planned_numbered_version(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        talker.ask("hello")
        talker.ask("I want to kill myself")
    planned = text_chat.companion.function("worker").function.environment
    assert planned["GUARDRAIL_VERSION"].isdecimal()
    assert set(text_chat.companion.guardrails.asked) == {(planned["GUARDRAIL_ID"], planned["GUARDRAIL_VERSION"])}


def test_memory_is_written_with_its_expiry_and_recalled_in_the_next_turn(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        talker.ask("My cat is called Mimi")
        memories = text_chat.companion.stored.of(user)["memory"]
        assert [each["role"] for each in memories] == ["user", "assistant"]
        expires = time.time() + RETENTION.total_seconds()
        assert all(abs(each["expires_at"] - expires) < 60 for each in memories)
        assert text(talker.ask("What is my cat called?")) == "You told me: My cat is called Mimi"


def test_what_has_expired_is_not_recalled_though_the_table_still_has_it(text_chat: Served, user: str) -> None:
    stored = text_chat.companion.stored
    with text_chat.talker(user) as talker:
        talker.ask("My cat is called Mimi")
        for item in stored.items("memory", user):
            item["expires_at"] = {"N": str(int(time.time()) - 1)}
            text_chat.companion.client("dynamodb").put_item(TableName=stored.tables["memory"], Item=item)
        assert text(talker.ask("What is my cat called?")).startswith("I don't remember that.")


def test_who_is_erased_is_gone_from_every_table_and_begins_anew(text_chat: Served, user: str) -> None:
    stored = text_chat.companion.stored
    with text_chat.talker(user) as talker:
        talker.ask("My cat is called Mimi")
        assert len(stored.items("memory", user)) == 2
        talker.erase()
        assert stored.of(user) == {"memory": [], "state": 0, "connections": 0, "vectors": 0}
        frames = talker.ask("What is my cat called?")
    assert text(frames).startswith("I don't remember that.")


def test_a_turn_that_was_under_way_when_its_user_was_erased_leaves_nothing(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        turn_id = talker.send("take your time")
        while talker.hear()["type"] != "text":
            pass
        talker.say({"action": "erase"})
        frames = talker.turn(turn_id)
        if "erased" not in [frame["data"] for frame in frames]:
            assert talker.hear()["data"] in ("requested", "erased")
        assert kinds(frames)[-1] == "end"
    assert text_chat.companion.stored.of(user)["memory"] == []


def test_nobody_is_told_what_another_user_said(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker, text_chat.talker(f"{user}-other") as other:
        talker.ask("My cat is called Mimi")
        assert text(other.ask("What is my cat called?")).startswith("I don't remember that.")
