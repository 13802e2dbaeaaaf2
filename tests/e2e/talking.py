"""A client of a companion, as a product would write one, and what the tests look at behind its back."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

from companion_gate.serve.companion import LocalCompanion
from companion_gate.serve.functions.pool import Invocation

LAST = ("end", "busy", "error")
SECONDS = 30.0
Frame = dict[str, Any]


class Talker:
    """One connection of a user."""

    def __init__(self, served: Served, user: str, **ticket: Any) -> None:
        self.user = user
        self.companion = served.companion
        self._served = served
        protocols: Any = ["companion.v1", self.companion.ticket(user, **ticket)]
        self._open = contextlib.ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(self.companion.gateway.url, subprotocols=protocols, compression=None)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def send(self, text: str, turn_id: str = "", **further: str) -> str:
        """Send a turn; its id."""
        turn_id = turn_id or secrets.token_hex(8)
        self.say({"action": "send", "turn_id": turn_id, "text": text, **further})
        return turn_id

    def queue(self, text: str, turn_id: str = "", **further: str) -> str:
        """Send a turn, and wait until it is in the queue: what is sent at the same moment can overtake it."""
        handled = len(self._served.of("ingest"))
        turn_id = self.send(text, turn_id, **further)
        wait_for(lambda: len(self._served.of("ingest")) > handled)
        return turn_id

    def say(self, frame: object) -> None:
        """Send a frame; a string, or bytes, as they are."""
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def hear(self, seconds: float = SECONDS) -> Frame:
        """The next frame."""
        frame: Frame = json.loads(self.socket.recv(seconds))
        return frame

    def turn(self, turn_id: str) -> list[Frame]:
        """The frames up to the last one of a turn, those of other turns among them."""
        frames = [self.hear()]
        while not (frames[-1].get("turn_id") == turn_id and frames[-1]["type"] in LAST):
            frames.append(self.hear())
        return frames

    def ask(self, text: str, **further: str) -> list[Frame]:
        """A turn, from its message to its last frame."""
        return self.turn(self.send(text, **further))

    def erase(self) -> None:
        """Be forgotten, and wait until that is confirmed."""
        self.say({"action": "erase"})
        while self.hear()["data"] != "erased":
            pass

    def silence(self, seconds: float) -> list[Frame]:
        """What comes within a time, which is nothing if all is well."""
        return list(self._until(time.monotonic() + seconds))

    def _until(self, end: float) -> Iterator[Frame]:
        while (left := end - time.monotonic()) > 0:
            try:
                yield self.hear(left)
            except TimeoutError:
                return


@dataclass
class Served:
    """A companion, every event that one of its functions answered, and what else it told."""

    companion: LocalCompanion
    done: list[Invocation] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def talker(self, user: str, **ticket: Any) -> Talker:
        return Talker(self, user, **ticket)

    def of(self, key: str) -> list[Invocation]:
        """What a function answered, the first first."""
        name = self.companion.function(key).function.name
        return [each for each in self.done if each.function == name]


def text(frames: list[Frame], kind: str = "text") -> str:
    """What the frames of a kind say together."""
    return "".join(frame["data"] for frame in frames if frame["type"] == kind)


def kinds(frames: list[Frame]) -> list[str]:
    return [frame["type"] for frame in frames]


def wait_for(holds: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """The first value that is true; fails when none comes."""
    end = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value
