"""Tickets: how the product's own server vouches for a user who opens a connection.

A ticket is ``<payload>.<mac>``, both base64url without padding. The payload is JSON: ``{"v": 1, "user_id": …,
"ticket_id": …, "issued_at": …}``, with a ticket_id that is never used again and epoch seconds. The MAC is KMS's
GenerateMac (HMAC_SHA_256, the tickets' key) over the payload as it is written in the ticket. A client gives it as its
second subprotocol, since a browser can set no other header, and a query string ends up in logs.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

MAX_AGE_SECONDS = 60
# Between the clock of the server that made the ticket and ours; assumed.
CLOCK_SKEW_SECONDS = 5
MAC_ALGORITHM = "HMAC_SHA_256"
_MAC_BYTES = 32
_MAX_LENGTH = 1024
_USER_ID = re.compile(r"[!-~]{1,128}")
_TICKET_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class TicketError(Exception):
    """A ticket that opens nothing; the message says why, without the ticket."""


@dataclass(frozen=True)
class Ticket:
    """A ticket that has the right form and age. Whether it is genuine, KMS must say."""

    user_id: str
    ticket_id: str
    issued_at: float
    signed: bytes
    mac: bytes


def parse(ticket: str, now: float) -> Ticket:
    """Read a ticket. Raises TicketError."""
    payload, dot, mac = ticket.partition(".")
    if len(ticket) > _MAX_LENGTH or not dot:
        raise TicketError("the ticket is not of the form payload.mac")
    content = _decoded_json(payload)
    user_id, ticket_id, issued_at = content.get("user_id"), content.get("ticket_id"), content.get("issued_at")
    if content.get("v") != 1:
        raise TicketError("the ticket is of another version")
    if not isinstance(user_id, str) or not _USER_ID.fullmatch(user_id):
        raise TicketError("the ticket's user_id is not 1 to 128 visible ASCII characters")
    if not isinstance(ticket_id, str) or not _TICKET_ID.fullmatch(ticket_id):
        raise TicketError("the ticket's ticket_id is not 16 to 64 letters, digits, hyphens or underscores")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float):
        raise TicketError("the ticket's issued_at is no number")
    # NaN fails both comparisons.
    if not -CLOCK_SKEW_SECONDS <= now - issued_at <= MAX_AGE_SECONDS:
        raise TicketError("the ticket is too old, or from the future")
    decoded = _decoded(mac)
    if len(decoded) != _MAC_BYTES:
        raise TicketError("the ticket's MAC is not 32 bytes")
    return Ticket(user_id, ticket_id, float(issued_at), payload.encode("ascii"), decoded)


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TicketError("the ticket is not base64url") from None


def _decoded_json(part: str) -> dict[str, object]:
    try:
        content = json.loads(_decoded(part))
    except (ValueError, RecursionError):
        raise TicketError("the ticket's payload is no JSON") from None
    if not isinstance(content, dict):
        raise TicketError("the ticket's payload is no JSON object")
    return content
