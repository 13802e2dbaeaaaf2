"""The open sockets, which live in the gateway's event loop and are written to from other threads."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from companion_gate.serve.gateway.events import Client

# So long a client may take to read before it counts as gone; assumed.
_SEND_SECONDS = 10.0


class UnknownConnectionError(Exception):
    """Nobody is connected under that id, or not any more."""


class TooLargeError(Exception):
    """More than a message of the gateway may hold."""


class Sockets:
    """``heard`` gets each message that is sent to a client, before it leaves. Threads may share it."""

    def __init__(self, limit_bytes: int, heard: Callable[[str], None]) -> None:
        self._limit_bytes = limit_bytes
        self._heard = heard
        self._open: dict[str, tuple[Client, ServerConnection]] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._open)

    def add(self, client: Client, socket: ServerConnection) -> None:
        """Let a client be written to; called in the event loop."""
        self._loop = asyncio.get_running_loop()
        with self._lock:
            self._open[client.id] = client, socket

    def remove(self, client: Client) -> None:
        """From now on the client is gone."""
        with self._lock:
            self._open.pop(client.id, None)

    def post(self, connection_id: str, content: bytes) -> None:
        """Send a message. Raises UnknownConnectionError and TooLargeError."""
        if len(content) > self._limit_bytes:
            raise TooLargeError
        client, socket = self._find(connection_id)
        text = content.decode()
        self._heard(text)
        self._await(socket.send(text))
        client.last_active_at = time.time()

    def end(self, connection_id: str, code: int = 1000, reason: str = "") -> None:
        """Close a connection. Raises UnknownConnectionError."""
        self._await(self._find(connection_id)[1].close(code, reason))

    def told(self, connection_id: str) -> dict[str, Any]:
        """What is known of a connection. Raises UnknownConnectionError."""
        client, _ = self._find(connection_id)
        return {
            "connectedAt": _as_date(client.connected_at),
            "identity": {"sourceIp": client.address, "userAgent": ""},
            "lastActiveAt": _as_date(client.last_active_at),
        }

    def _find(self, connection_id: str) -> tuple[Client, ServerConnection]:
        with self._lock:
            found = self._open.get(connection_id)
        if found is None:
            raise UnknownConnectionError(connection_id)
        return found

    def _await(self, work: Any) -> None:
        assert self._loop is not None  # noqa: S101 - a connection was found, so there is a loop
        try:
            asyncio.run_coroutine_threadsafe(work, self._loop).result(_SEND_SECONDS)
        except (ConnectionClosed, TimeoutError) as error:
            raise UnknownConnectionError from error


def _as_date(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
