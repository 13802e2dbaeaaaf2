"""A companion that speaks: sentence by sentence, beside the text, and never in its way."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import worker
from companion.reply import Reply

from . import events, fakes
from .conftest import Companion

Fake = Callable[..., fakes.FakeClient]
Bedrock = Callable[..., fakes.FakeClient]
SENTENCES = ["Cats mostly come back by themselves. ", "Put some food outside, that helps. ", "Good luck to you both!"]


@pytest.fixture
def polly(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> fakes.FakeClient:
    """Speaks each text as 30,000 bytes that begin with it."""
    voices = {
        "de-DE": {"voice_id": "Vicki", "engine": "neural"},
        "en-US": {"voice_id": "Joanna", "engine": "generative"},
    }
    monkeypatch.setenv("VOICES", json.dumps(voices))
    return fake(
        "polly", synthesize_speech=lambda asked: {"AudioStream": io.BytesIO(asked["Text"].encode().ljust(30_000))}
    )


def answer(seconds: float = 30, voice: str = "de-DE", **changes: Any) -> None:
    handled = worker.handler(events.sqs(events.turn(voice=voice, **changes)), events.Context(seconds))
    assert handled == {"batchItemFailures": []}


def spoken(companion: Companion) -> list[str]:
    audio = b"".join(base64.b64decode(frame["data"]) for frame in companion.frames if frame["type"] == "audio")
    return [audio[start : start + 30_000].decode().strip() for start in range(0, len(audio), 30_000)]


def test_each_sentence_is_spoken_in_its_order(companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient) -> None:
    bedrock(fakes.said(*SENTENCES))
    answer()
    assert spoken(companion) == [sentence.strip() for sentence in SENTENCES]
    assert companion.text() == "".join(SENTENCES)
    assert companion.frames[-1] | {"seq": 0} == {"v": 1, "turn_id": "turn-1", "seq": 0, "type": "end", "data": ""}
    assert [frame["seq"] for frame in companion.frames] == list(range(len(companion.frames)))
    assert polly.asked("synthesize_speech")[0] == {
        "Text": SENTENCES[0].strip(),
        "TextType": "text",
        "VoiceId": "Vicki",
        "Engine": "neural",
        "OutputFormat": "mp3",
    }


def test_audio_fits_the_frames_of_a_websocket(companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient) -> None:
    bedrock(fakes.said(SENTENCES[0]))
    answer()
    sizes = [len(base64.b64decode(frame["data"])) for frame in companion.frames if frame["type"] == "audio"]
    assert sizes == [24_000, 6_000]


def test_first_sentence_is_spoken_while_the_model_goes_on(
    companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient
) -> None:
    def heard() -> None:
        deadline = time.monotonic() + 5
        while "audio" not in companion.kinds() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert "audio" in companion.kinds()

    start, first, *rest = fakes.said(*SENTENCES)
    bedrock([start, first, heard, *rest])
    answer()
    assert companion.kinds()[-1] == "end"


def test_text_alone_is_not_spoken(companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient) -> None:
    bedrock(fakes.said(*SENTENCES))
    answer(voice="")
    assert polly.calls == []


def test_language_without_a_voice_is_an_error_that_names_those_with_one(
    companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient
) -> None:
    model = bedrock(fakes.said(*SENTENCES))
    answer(voice="fr-FR")
    assert model.calls == []
    (error,) = companion.frames
    assert (error["type"], error["data"]) == ("error", "voice must be one of de-DE, en-US; leave it out for text alone")


def test_companion_without_voices_says_so(companion: Companion, bedrock: Bedrock) -> None:
    bedrock(fakes.said(*SENTENCES))
    answer()
    assert [(frame["type"], frame["data"]) for frame in companion.frames] == [
        ("error", "this companion does not speak; leave voice out")
    ]


def test_speech_that_fails_leaves_the_text(companion: Companion, bedrock: Bedrock, fake: Fake, polly: Any) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise fakes.aws_error("ThrottlingException", "SynthesizeSpeech")

    asked = fake("polly", synthesize_speech=fail)
    bedrock(fakes.said(*SENTENCES))
    answer()
    assert companion.text() == "".join(SENTENCES)
    assert (companion.kinds()[-1], companion.frames[-1]["data"]) == ("end", "audio incomplete")
    assert len(asked.calls) == 1, "an overloaded service is not asked for each sentence"
    assert len(companion.items("memory")) == 2


def test_speech_that_takes_too_long_is_cut(companion: Companion, bedrock: Bedrock, fake: Fake, polly: Any) -> None:
    def slow(_: dict[str, Any]) -> Any:
        time.sleep(1.5)
        return {"AudioStream": io.BytesIO(b"late")}

    fake("polly", synthesize_speech=slow)
    bedrock(fakes.said(*SENTENCES))
    answer(seconds=4.5)
    assert (companion.kinds()[-1], companion.frames[-1]["data"]) == ("end", "audio incomplete")
    time.sleep(1.6)
    assert companion.kinds()[-1] == "end", "audio after the end of its turn"


def test_refusal_is_spoken_too(companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient) -> None:
    trace = fakes.refused("input", fakes.SELF_HARM)
    bedrock(fakes.said(fakes.BLOCKED_MESSAGE, stop="guardrail_intervened", trace=trace))
    answer()
    assert companion.kinds() == ["disclosure", "blocked", "audio", "audio", "end"]
    assert spoken(companion) == [fakes.BLOCKED_MESSAGE]


def test_refusal_takes_the_place_of_what_was_still_to_be_said(
    companion: Companion, bedrock: Bedrock, fake: Fake, polly: fakes.FakeClient
) -> None:
    trace = fakes.refused("output", fakes.SELF_HARM)
    long = [
        f"This is sentence number {number}, and it goes on for quite some time until it has its end. "
        for number in range(6)
    ]
    bedrock(fakes.said("".join(long), fakes.BLOCKED_MESSAGE, stop="guardrail_intervened", trace=trace))

    def slow(asked: dict[str, Any]) -> Any:
        time.sleep(0.1)
        return {"AudioStream": io.BytesIO(asked["Text"].encode().ljust(30_000))}

    fake("polly", synthesize_speech=slow)
    answer()
    assert spoken(companion) == [long[0].strip(), fakes.BLOCKED_MESSAGE]


def test_nothing_follows_the_frame_that_ends_a_turn(companion: Companion) -> None:
    reply = Reply(events.CONNECTION, "turn-1")
    reply.send("end")
    reply.send("audio", "late")
    reply.add("x" * 250)
    assert companion.kinds() == ["end"]


def test_client_that_left_is_not_spoken_to(
    companion: Companion, bedrock: Bedrock, polly: fakes.FakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    companion.gone_after = 3
    bedrock(fakes.said(*SENTENCES))
    answer()
    assert len(companion.frames) == 3
    assert "end" not in companion.kinds()
    assert caplog.text == "", "somebody who leaves is no failure"
