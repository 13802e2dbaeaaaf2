"""The WebSocket server: one loopback port for the API's stage and for the page beside it."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from socket import create_server
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from companion_gate.errors import GateError
from companion_gate.serve.gateway.events import Client
from companion_gate.serve.gateway.routes import Opened, Router
from companion_gate.serve.gateway.sockets import Sockets

LOOPBACK = "127.0.0.1"
_START_SECONDS = 10.0
# Requests of clients that wait for a function at the same time.
_THREADS = 256
# RFC 6455, section 7.4.1: the server goes away; API Gateway says the same of idle and of old connections.
_GOING_AWAY = 1001


@dataclass(frozen=True)
class Limits:
    """Of a connection, in seconds and bytes; as they are at AWS (AWS docs: API Gateway, WebSocket API quotas)."""

    idle_seconds: float = 600
    duration_seconds: float = 7200
    message_bytes: int = 128 * 1024
    frame_bytes: int = 32 * 1024


@dataclass(frozen=True)
class Page:
    """An answer to a plain HTTP request."""

    content_type: str
    body: bytes
    status: int = 200


Pages = Callable[[str], Page | None]


class Gateway:
    """Serves until it is closed. ``pages`` answers a path, with its query, that is no connection.

    Raises GateError where the port (0: a free one) is taken.
    """

    def __init__(self, router: Router, sockets: Sockets, limits: Limits, pages: Pages, port: int = 0) -> None:
        self._router = router
        self._sockets = sockets
        self._limits = limits
        self._pages = pages
        self._workers = ThreadPoolExecutor(_THREADS, thread_name_prefix="gateway")
        self._is_closing = False
        self._opened: dict[int, tuple[Client, Opened]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateway", daemon=True)
        self._thread.start()
        try:
            self._server = self._do(self._listen(port))
        except OSError as error:
            self._end_loop()
            raise _taken(port, error) from error
        self.port = int(next(iter(self._server.sockets)).getsockname()[1])
        """The TCP port it listens on."""

    @property
    def page_url(self) -> str:
        """Where a browser finds the page."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"ws://{LOOPBACK}:{self.port}/{self._router.api.stage}"

    def close(self) -> None:
        """Close every connection, and free the port. No function is told: the companion ends as a whole."""
        self._is_closing = True

        async def close() -> None:
            self._server.close()
            await self._server.wait_closed()

        self._do(close())
        self._end_loop()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def _listen(self, port: int) -> Server:
        return await serve(
            self._serve,
            LOOPBACK,
            port,
            process_request=self._open,
            select_subprotocol=lambda socket, _: self._opened[id(socket)][1].subprotocol,  # type: ignore[arg-type,return-value]
            # API Gateway answers no extension.
            compression=None,
            max_size=(self._limits.message_bytes, self._limits.frame_bytes),
            ping_interval=None,
            # A client that is gone without a word is not waited for.
            close_timeout=1,
            server_header=None,
        )

    async def _open(self, socket: ServerConnection, request: Request) -> Response | None:
        """Decide on a connection, before it is one; anything else is a page."""
        # A page of another site must not reach this one under a name of its own.
        if request.headers.get("Host", "") not in (f"{LOOPBACK}:{self.port}", f"localhost:{self.port}"):
            return _refused(403)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            page = await self._in_thread(self._pages, request.path)
            return _refused(404) if page is None else _response(page)
        if request.path.partition("?")[0].strip("/") != self._router.api.stage:
            return _refused(403)
        client = Client(str(socket.remote_address[0]))
        headers = {name: ", ".join(request.headers.get_all(name)) for name in request.headers}
        opened: Opened = await self._in_thread(self._router.connect, client, headers)
        if opened.status != 200:
            return _refused(opened.status)
        self._opened[id(socket)] = client, opened
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        """A connection's life, from the handshake to $disconnect."""
        client, _ = self._opened.pop(id(socket))
        self._sockets.add(client, socket)
        answering: set[asyncio.Task[None]] = set()
        try:
            while True:
                body = await self._next(client, socket)
                client.last_active_at = time.time()
                # Side by side, as Lambda would: nothing promises that frames are handed over one after the other.
                task = asyncio.create_task(self._answer(client, socket, body))
                answering.add(task)
                task.add_done_callback(answering.discard)
        except TimeoutError:
            await socket.close(_GOING_AWAY, "Going away")
        except ConnectionClosed:
            pass
        finally:
            self._sockets.remove(client)
            client.status, client.reason = socket.close_code or 1006, socket.close_reason or ""
            if not self._is_closing:
                await self._in_thread(self._router.disconnect, client)

    async def _next(self, client: Client, socket: ServerConnection) -> str | bytes:
        """The next message. Raises TimeoutError when the connection is too old, or idle for too long."""
        ends = client.connected_at + self._limits.duration_seconds
        receiving = asyncio.ensure_future(socket.recv())
        while True:
            until = min(ends, client.last_active_at + self._limits.idle_seconds)
            done, _ = await asyncio.wait({receiving}, timeout=max(0.0, until - time.time()))
            if done:
                return receiving.result()
            # What was sent to the client meanwhile counts as activity.
            if time.time() >= min(ends, client.last_active_at + self._limits.idle_seconds):
                receiving.cancel()
                raise TimeoutError

    async def _answer(self, client: Client, socket: ServerConnection, body: str | bytes) -> None:
        words = await self._in_thread(self._router.message, client, body)
        if words is not None:
            # Whoever left does not hear it.
            try:
                await socket.send(words)
            except ConnectionClosed:
                return

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await self._loop.run_in_executor(self._workers, work, *arguments)


def refuse_taken(port: int) -> None:
    """Raises GateError where a port cannot be listened on."""
    try:
        create_server((LOOPBACK, port)).close()
    except OSError as error:
        raise _taken(port, error) from error


def _taken(port: int, error: OSError) -> GateError:
    why = os.strerror(error.errno or 0)
    return GateError(f"port {port} of {LOOPBACK} cannot be used ({why}): stop what listens there, or pass --port 0")


def _refused(status: int) -> Response:
    return _response(Page("text/plain", f"{status} {HTTPStatus(status).phrase}\n".encode(), status))


def _response(page: Page) -> Response:
    headers = Headers(
        {
            "Content-Type": page.content_type,
            "Content-Length": str(len(page.body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
            "media-src blob:; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        }
    )
    return Response(page.status, HTTPStatus(page.status).phrase, headers, page.body)
