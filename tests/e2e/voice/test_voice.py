"""A companion that speaks and listens, with a vector store."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from websockets.sync.client import connect

from companion_gate.serve.standins import eventstream
from tests.browser import chromium
from tests.e2e.pages import ARGUMENTS, opened, say
from tests.e2e.talking import Served, kinds, text, wait_for

FRAME_BYTES = 32 * 1024


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*ARGUMENTS) as made:
        yield made


def test_an_answer_is_spoken_sentence_by_sentence_while_the_text_goes_on(voice: Served, user: str) -> None:
    polly = voice.companion.polly
    polly.said.clear()
    with voice.talker(user) as talker:
        frames = talker.ask("take your time", voice="en-GB")
    assert [frame["seq"] for frame in frames] == list(range(len(frames)))
    assert (kinds(frames)[-1], frames[-1]["data"]) == ("end", "")
    audio = [base64.b64decode(frame["data"]) for frame in frames if frame["type"] == "audio"]
    assert all(piece.startswith(b"\xff\xf3") for piece in audio), "no MP3 at the beginning of a piece"
    assert all(len(json.dumps(frame)) < FRAME_BYTES for frame in frames)
    # Sound of the first sentence comes before the text is at its end.
    order = kinds(frames)
    assert order.index("audio") < len(order) - 1 - order[::-1].index("text")
    assert {(who, how) for who, how, _ in polly.said} == {("Amy", "neural")}
    assert " ".join(what for _, _, what in polly.said) == text(frames)


def test_the_crisis_message_is_spoken_too(voice: Served, user: str) -> None:
    voice.companion.polly.said.clear()
    with voice.talker(user) as talker:
        frames = talker.ask("I want to kill myself", voice="de-DE")
    assert "audio" in kinds(frames)
    ((who, _, what),) = voice.companion.polly.said
    assert who == "Vicki"
    assert what == text(frames, "blocked")


def test_a_language_that_nobody_speaks_is_refused(voice: Served, user: str) -> None:
    with voice.talker(user) as talker:
        frames = talker.ask("hello", voice="fr-FR")
    assert kinds(frames) == ["error"]
    assert "de-DE, en-GB" in frames[0]["data"]


def test_what_was_said_in_another_conversation_is_recalled_by_meaning(voice: Served, user: str) -> None:
    with voice.talker(user) as talker:
        talker.ask("My cat is called Mimi", conversation_id="one")
        (document,) = wait_for(lambda: voice.companion.stored.vectors(user))
        (memory,) = (each for each in voice.companion.stored.items("memory", user) if each["role"]["S"] == "user")
        assert document["memory_id"] == memory["memory_id"]["S"]
        assert document["expires_at"] == int(memory["expires_at"]["N"])
        answer = text(talker.ask("What is my cat called?", conversation_id="two"))
    assert answer == "You told me: My cat is called Mimi"


def test_who_is_erased_is_gone_from_the_tables_and_the_vectors(voice: Served, user: str) -> None:
    with voice.talker(user) as talker, voice.talker(f"{user}-other") as other:
        talker.ask("My cat is called Mimi")
        other.ask("My dog is called Rex")
        wait_for(lambda: voice.companion.stored.vectors(user) and voice.companion.stored.vectors(other.user))
        talker.erase()
        stored = voice.companion.stored
        assert stored.of(user) == {"memory": [], "state": 0, "connections": 0, "vectors": 0}
        assert len(stored.vectors(other.user)) == 1
        assert text(talker.ask("What is my cat called?", conversation_id="two")).startswith("I don't remember that.")


def test_a_memory_that_expires_takes_its_vector_with_it(voice: Served, user: str) -> None:
    stored = voice.companion.stored
    with voice.talker(user) as talker:
        talker.ask("My cat is called Mimi")
    wait_for(lambda: stored.vectors(user))
    for item in stored.items("memory", user):
        key = {name: item[name] for name in ("user_id", "memory_id")}
        # As DynamoDB does with what has expired: the stream tells of it.
        voice.companion.client("dynamodb").delete_item(TableName=stored.tables["memory"], Key=key)
    wait_for(lambda: not stored.vectors(user))


def test_speech_goes_to_the_signed_address_and_comes_back_as_text(voice: Served, user: str) -> None:
    with voice.talker(user) as talker:
        talker.say({"action": "listen", "language": "en-GB"})
        told = talker.hear()["data"]
    assert told["sample_rate"] == 16000
    sound = eventstream.message({":message-type": "event", ":event-type": "AudioEvent"}, b"\0\0" * 3200)
    heard = []
    with connect(told["url"], compression=None) as socket:
        for _ in range(8):
            socket.send(sound)
        while not heard or heard[-1]["IsPartial"]:
            message = socket.recv(10)
            assert isinstance(message, bytes)
            heard.append(json.loads(message[message.index(b'{"Transcript"') : -4])["Transcript"]["Results"][0])
    assert len(heard) > 1
    assert heard[-1]["Alternatives"][0]["Transcript"] in voice.companion.script.heard


def test_the_page_plays_what_it_is_told_and_shows_that_sound_came(browser: Browser, voice: Served, user: str) -> None:
    with opened(browser, voice, user) as page:
        page.get_by_label("Answer aloud").select_option("en-GB")
        say(page, "hello")
        expect(page.locator(".sound")).to_contain_text("audio frame", timeout=15_000)
        expect(page.locator(".answer")).to_have_class("answer", timeout=15_000)


def test_who_speaks_to_the_page_is_heard_and_answered(browser: Browser, voice: Served, user: str) -> None:
    with opened(browser, voice, user) as page:
        page.get_by_role("button", name="Speak").click()
        expect(page.locator(".mine")).to_have_count(1, timeout=20_000)
        assert page.locator(".mine").inner_text() in voice.companion.script.heard
        expect(page.locator(".answer")).to_have_class("answer", timeout=15_000)
