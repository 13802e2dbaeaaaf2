"""Text cut into sentences as it streams in: what is checked, or spoken, as a whole."""

from __future__ import annotations

import re

# A mark that ends a sentence and what closes around it, with the space after it; in some scripts there is no space.
# The escapes are full-width marks and typographic quotes.
_END = re.compile(
    "[.!?\u2026]+[\"'\u201d\u2019\u00bb)\\]]*\\s+|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d\uff09]*\\s*|\\n\\s*"
)
# Shorter ones sound chopped (livekit's tokenizer has the same minimum).
SHORTEST = 20
LONGEST = 400


class Sentences:
    """Collects text and gives sentences; joined, they are the text, to the last space."""

    def __init__(self) -> None:
        self._pending = ""

    def add(self, text: str) -> list[str]:
        """Take text, and give the sentences that are complete now."""
        self._pending += text
        complete = []
        while (end := self._end()) is not None:
            complete.append(self._pending[:end])
            self._pending = self._pending[end:]
        return complete

    def rest(self) -> str:
        """What is left, complete or not."""
        rest, self._pending = self._pending, ""
        return rest

    def _end(self) -> int | None:
        for match in _END.finditer(self._pending, 0, LONGEST):
            if len(self._pending[: match.end()].strip()) >= SHORTEST:
                return match.end()
        if len(self._pending) < LONGEST:
            return None
        space = self._pending.rfind(" ", SHORTEST, LONGEST)
        return space + 1 if space > 0 else LONGEST
