"""The frames of one turn, numbered in the order that they are sent, from whichever thread."""

from __future__ import annotations

import threading
import time

from companion import frames, push, speech

# One frame for each token makes a client slower and slower; one for each sentence feels slow.
FLUSH_SECONDS = 0.1
FLUSH_CHARACTERS = 200
# Far below the 32 KB of a frame, whatever the script.
_MAX_CHARACTERS = 4000


class Reply:
    """What a client gets for a turn. Every method that sends raises push.GoneError when the client has left."""

    def __init__(self, connection_id: str, turn_id: str) -> None:
        self._connection_id = connection_id
        self._turn_id = turn_id
        self._lock = threading.Lock()
        self._seq = 0
        self._is_over = False
        self._pending = ""
        self._pending_since = 0.0
        self.text = ""
        self.first_text_at: float | None = None
        self.speaker: speech.Speaker | None = None

    def send(self, kind: str, data: str = "", retry_after_ms: int | None = None) -> None:
        """Send a frame. After the one that ends the turn, nothing is sent: late speech belongs to no turn."""
        with self._lock:
            if self._is_over:
                return
            frame = frames.frame(kind, data, turn_id=self._turn_id, seq=self._seq, retry_after_ms=retry_after_ms)
            push.post(self._connection_id, frame)
            self._seq += 1
            self._is_over = kind in frames.LAST

    def add(self, text: str) -> None:
        """Take a piece of the answer, and send what has gathered when it is enough or has waited."""
        if not self._pending:
            self._pending_since = time.monotonic()
        self._pending += text
        if len(self._pending) >= FLUSH_CHARACTERS:
            self.flush()
        else:
            self.tick()

    def tick(self) -> None:
        """Send what has waited long enough."""
        if self._pending and time.monotonic() - self._pending_since >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Send what has gathered."""
        text, self._pending = self._pending, ""
        for start in range(0, len(text), _MAX_CHARACTERS):
            self.send("text", text[start : start + _MAX_CHARACTERS])
            self.first_text_at = self.first_text_at or time.time()
        self.text += text
        if self.speaker and text:
            self.speaker.add(text)

    def block(self, message: str) -> None:
        """Put the guardrail's message in the place of the answer, aloud too where the user listens."""
        self._pending = ""
        self.send("blocked", message)
        if self.speaker:
            self.speaker.say_instead(message)
