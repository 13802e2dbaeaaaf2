"""The answer aloud: sentence by sentence, while the text goes on."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing

from companion import clients, settings
from companion.failures import report
from companion.push import GoneError
from companion.sentences import Sentences

FEATURE = "voice"
# In base64 with its envelope, just under the 32 KB of a frame (AWS docs: API Gateway, WebSocket quotas).
AUDIO_BYTES = 24_000


def languages() -> list[str]:
    """The codes of the languages that the companion speaks."""
    return sorted(settings.by_language("VOICES"))


def speaker(language: str, send: Callable[[str, str], None]) -> Speaker | None:
    """Who speaks a language; None when nobody does."""
    voice = settings.by_language("VOICES").get(language)
    return Speaker(voice["voice_id"], voice["engine"], send) if voice else None


class Speaker:
    """Speaks in one thread, so that sentences keep their order. Speech that fails never takes the text with it."""

    def __init__(self, voice_id: str, engine: str, send: Callable[[str, str], None]) -> None:
        self._voice_id = voice_id
        self._engine = engine
        self._send = send
        self._sentences = Sentences()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._spoken: list[Future[None]] = []
        self._silent = False

    def add(self, text: str) -> None:
        """Take a piece of the text. Raises push.GoneError when the client left while it was listening."""
        for future in self._spoken:
            if future.done():
                future.result()
        for sentence in self._sentences.add(text):
            self._say(sentence)

    def say_instead(self, message: str) -> None:
        """Say this, and nothing that was still to be said."""
        self._sentences.rest()
        for future in self._spoken:
            future.cancel()
        self._spoken = [future for future in self._spoken if not future.cancelled()]
        self._say(message)

    def finish(self, seconds: float) -> bool:
        """Wait for the last words, for so long; whether all were spoken. Raises push.GoneError."""
        self._say(self._sentences.rest())
        done, waiting = wait(self._spoken, timeout=seconds)
        for future in done:
            future.result()
        return not waiting and not self._silent

    def close(self) -> None:
        """Fall silent."""
        self._silent = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _say(self, sentence: str) -> None:
        if sentence.strip():
            self._spoken.append(self._thread.submit(self._speak, sentence.strip()))

    def _speak(self, sentence: str) -> None:
        if self._silent:
            return
        try:
            answer = clients.polly().synthesize_speech(
                Text=sentence, TextType="text", VoiceId=self._voice_id, Engine=self._engine, OutputFormat="mp3"
            )
            with closing(answer["AudioStream"]) as stream:
                while not self._silent and (audio := stream.read(AUDIO_BYTES)):
                    self._send("audio", base64.b64encode(audio).decode())
        except GoneError:
            raise
        except Exception as error:
            report("speech", error)
            self._silent = True
