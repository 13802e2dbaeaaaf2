"""Ids of memories: ULIDs, which sort by time and are unique even within a millisecond."""

from __future__ import annotations

import secrets
import threading
import time

# Crockford's base 32, as the ULID specification has it.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOCK = threading.Lock()
_last = 0


def new() -> str:
    """A new id, greater than every one that this process made before."""
    global _last
    with _LOCK:
        _last = max(int(time.time() * 1000), _last + 1)
        value = _last << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def seconds_of(ulid: str) -> float:
    """When an id was made, in epoch seconds. Raises ValueError when it is no ULID."""
    if len(ulid) != 26:
        raise ValueError("not a ULID")
    milliseconds = 0
    for character in ulid[:10]:
        milliseconds = milliseconds << 5 | _ALPHABET.index(character)
    return milliseconds / 1000
