"""Amazon event streams: how AWS frames what it streams (AWS docs: Transcribe, "Event stream encoding").

botocore reads them and does not write them.
"""

from __future__ import annotations

import binascii
import json
import struct
from collections.abc import Mapping
from typing import Any

_STRING = 7


def event(kind: str, content: Mapping[str, Any], *, exception: bool = False) -> bytes:
    """A message that carries an event, or an exception, as JSON."""
    headers = {
        ":message-type": "exception" if exception else "event",
        ":exception-type" if exception else ":event-type": kind,
        ":content-type": "application/json",
    }
    return message(headers, json.dumps(content).encode())


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """A message: prelude, its checksum, headers, payload, and the checksum of all."""
    encoded = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    checked = prelude + struct.pack("!I", binascii.crc32(prelude)) + encoded + payload
    return checked + struct.pack("!I", binascii.crc32(checked))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack("!B", len(key)) + key + struct.pack("!BH", _STRING, len(text)) + text
