"""Polly: a blip for each word, so that nobody takes it for a voice.

Shapes: AWS docs "SynthesizeSpeech" (Polly API reference). `blip.mp3` is a quarter of a second of a sine tone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from companion_gate.serve.standins.answers import Asked, AwsRefusalError, Given
from companion_gate.serve.times import ServiceTimes

_BLIP = (Path(__file__).parent / "blip.mp3").read_bytes()
# AWS docs: Polly quotas, billed characters of one request.
_MAX_CHARACTERS = 3000


class Polly:
    """Speaks as fast as it is read, after ``first_sound_seconds``."""

    def __init__(self, first_sound_seconds: float, times: ServiceTimes) -> None:
        self._first_sound_seconds = first_sound_seconds
        self._times = times
        self.said: list[tuple[str, str, str]] = []
        """Voice, engine and text of each request, in their order."""

    def answer(self, asked: Asked) -> Given:
        content = asked.content()
        if asked.method != "POST" or asked.path != "v1/speech":
            raise AwsRefusalError(
                "UnknownOperationException", f"nothing stands in for {asked.method} {asked.path}", 404
            )
        if content["OutputFormat"] != "mp3":
            raise AwsRefusalError("InvalidParameterValue", "only mp3 is stood in for")
        text = str(content["Text"])
        if len(text) > _MAX_CHARACTERS:
            raise AwsRefusalError("TextLengthExceededException", "Maximum text length has been exceeded")
        self.said.append((content["VoiceId"], content.get("Engine", "standard"), text))
        return Given(200, self._sound(text), {"Content-Type": "audio/mpeg", "x-amzn-RequestCharacters": str(len(text))})

    def _sound(self, text: str) -> Iterator[bytes]:
        time.sleep(self._times.sample("first_sound", self._first_sound_seconds))
        for _ in text.split():
            yield _BLIP
