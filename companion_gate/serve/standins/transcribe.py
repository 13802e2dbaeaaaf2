"""Transcribe streaming: hears what the script says, one sentence for each second and a half of sound.

Source: AWS docs "Setting up a WebSocket stream", "Event stream encoding" (Transcribe developer guide).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.eventstream import EventStreamBuffer, ParserError
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from companion_gate.serve.standins import eventstream

_LOOPBACK = "127.0.0.1"
_PATH = "/stream-transcription-websocket"
_NEEDED = ("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Expires", "language-code", "media-encoding", "sample-rate")
# Of 16-bit sound.
_BYTES_PER_SAMPLE = 2
_PARTIAL_SECONDS = 0.3
_SENTENCE_SECONDS = 1.5


class Transcribe:
    """Listens on a loopback port until it is closed."""

    def __init__(self, heard: Sequence[str]) -> None:
        self._sentences = itertools.cycle(heard)
        self._server = serve(self._serve, _LOOPBACK, 0, process_request=_refused, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever, name="transcribe", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The endpoint, as SDKs are told of one."""
        return f"http://{_LOOPBACK}:{self._server.socket.getsockname()[1]}"

    def close(self) -> None:
        """Free the port."""
        self._server.shutdown()
        self._thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        request = socket.request
        assert request is not None  # noqa: S101 - the handshake is over
        rate = int(parse_qs(urlsplit(request.path).query)["sample-rate"][0])
        try:
            for message in self._messages(socket, rate * _BYTES_PER_SAMPLE):
                socket.send(message)
        except ParserError as error:
            socket.send(eventstream.event("BadRequestException", {"Message": str(error)}, exception=True))
        except ConnectionClosed:
            pass

    def _messages(self, socket: ServerConnection, bytes_per_second: int) -> Iterator[bytes]:
        """What is heard, as it is heard; an empty piece of sound is the end."""
        buffer: Any = EventStreamBuffer()
        sentence, seconds, told = next(self._sentences), 0.0, 0.0
        for content in socket:
            buffer.add_data(content)
            for event in buffer:
                if not event.payload:
                    return
                seconds += len(event.payload) / bytes_per_second
            if seconds >= _SENTENCE_SECONDS:
                yield _transcript(sentence, partial=False)
                sentence, seconds, told = next(self._sentences), 0.0, 0.0
            elif seconds - told >= _PARTIAL_SECONDS:
                words = sentence.split()
                told = seconds
                yield _transcript(
                    " ".join(words[: max(1, round(len(words) * seconds / _SENTENCE_SECONDS))]), partial=True
                )


def _refused(socket: ServerConnection, request: Request) -> Response | None:
    url = urlsplit(request.path)
    query = parse_qs(url.query)
    if url.path != _PATH or any(name not in query for name in _NEEDED):
        return socket.respond(403, "not a signed address of Transcribe\n")
    if "/transcribe/aws4_request" not in query["X-Amz-Credential"][0]:
        return socket.respond(403, "signed for another service\n")
    return None


def _transcript(text: str, *, partial: bool) -> bytes:
    result = {"Alternatives": [{"Transcript": text, "Items": []}], "IsPartial": partial, "ResultId": "stand-in"}
    return eventstream.event("TranscriptEvent", {"Transcript": {"Results": [result]}})
