"""When the server behind an open port is made, and what those see who wait for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer

import pytest

from companion_gate.aws.lazy import LOOPBACK, LazyServer
from companion_gate.errors import GateError

SECONDS = 20.0


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


def greeting(listener: socket.socket) -> BaseServer:
    server = ThreadingHTTPServer(listener.getsockname(), Hello, bind_and_activate=False)
    server.socket.close()
    server.socket = listener.dup()
    return server


def got(port: int, request: bytes = b"GET / HTTP/1.0\r\n\r\n") -> bytes:
    with socket.create_connection((LOOPBACK, port), SECONDS) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1000), b""))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) != 0


def test_closing_before_anybody_came_makes_nothing() -> None:
    made: list[object] = []
    server = LazyServer(0, lambda listener: made.append(listener) or greeting(listener))
    server.close()
    assert made == []
    assert not server.made
    assert is_free(server.port)


def test_it_is_made_once_for_all_who_come() -> None:
    made: list[object] = []
    server = LazyServer(0, lambda listener: made.append(listener) or greeting(listener))
    try:
        answers = [got(server.port) for _ in range(3)]
        server.wake()
    finally:
        server.close()
    assert [answer[-5:] for answer in answers] == [b"hello"] * 3
    assert len(made) == 1
    assert is_free(server.port)


def test_closing_while_it_is_made_waits_for_that_and_serves_nobody() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(listener: socket.socket) -> BaseServer:
        begun.set()
        assert go_on.wait(SECONDS)
        return greeting(listener)

    server = LazyServer(0, slowly)
    with socket.create_connection((LOOPBACK, server.port)):
        assert begun.wait(SECONDS)
        closing = threading.Thread(target=server.close, daemon=True)
        closing.start()
        go_on.set()
        closing.join(SECONDS)
        assert not closing.is_alive()
    assert is_free(server.port)


def test_where_it_cannot_be_made_every_request_gets_the_reason() -> None:
    def broken(_: socket.socket) -> BaseServer:
        raise GateError("a part <is> missing; install it")

    server = LazyServer(0, broken)
    try:
        form = b"POST / HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"
        in_json, in_xml = got(server.port), got(server.port, form)
        with pytest.raises(GateError, match="missing; install it"):
            server.wake()
    finally:
        server.close()
    assert b" 501 " in in_json
    assert b'"message": "a part <is> missing; install it"' in in_json
    assert b" 501 " in in_xml
    assert b"<Message>a part &lt;is&gt; missing; install it</Message>" in in_xml
    assert not server.made


def test_where_making_it_fails_in_an_unforeseen_way_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(threading, "excepthook", shown.append)

    def failing(_: socket.socket) -> BaseServer:
        raise RuntimeError("nobody thought of this")

    server = LazyServer(0, failing)
    with suppress(ConnectionError):
        assert got(server.port) == b""
    with pytest.raises(GateError, match="ended before it was ready"):
        server.wake()
    server.close()
    assert len(shown) == 1
    assert is_free(server.port)


@pytest.mark.parametrize("use", [LazyServer.wake, lambda server: got(server.port)], ids=["wake", "connect"])
def test_many_threads_may_be_the_first(use: Callable[[LazyServer], object]) -> None:
    made: list[object] = []
    server = LazyServer(0, lambda listener: made.append(listener) or greeting(listener))
    barrier = threading.Barrier(8)

    def first() -> None:
        barrier.wait()
        use(server)

    threads = [threading.Thread(target=first, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    server.close()
    assert len(made) == 1


def test_what_is_answered_without_a_server_makes_none() -> None:
    made: list[object] = []
    server = LazyServer(
        0,
        lambda listener: made.append(listener) or greeting(listener),
        lambda request: b"HTTP/1.0 200 OK\r\n\r\nlight" if b"/light" in request else None,
    )
    try:
        assert not server.asked
        assert [got(server.port, b"GET /light HTTP/1.0\r\n\r\n")[-5:] for _ in range(3)] == [b"light"] * 3
        assert (server.asked, server.made, made) == (True, False, [])
        assert got(server.port)[-5:] == b"hello"
        assert server.made
    finally:
        server.close()


def test_a_connection_that_says_nothing_or_hangs_up_delays_nobody_for_long() -> None:
    server = LazyServer(0, greeting)
    try:
        socket.create_connection((LOOPBACK, server.port)).close()
        with socket.create_connection((LOOPBACK, server.port), SECONDS) as silent:
            assert got(server.port)[-5:] == b"hello"
            silent.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"".join(iter(lambda: silent.recv(1000), b""))[-5:] == b"hello"
    finally:
        server.close()


def test_a_request_in_pieces_reaches_the_server_whole() -> None:
    server = LazyServer(0, greeting)
    try:
        with socket.create_connection((LOOPBACK, server.port), SECONDS) as slow:
            slow.sendall(b"GET / HT")
            while not server.made:
                pass
            slow.sendall(b"TP/1.0\r\n\r\n")
            assert b"".join(iter(lambda: slow.recv(1000), b""))[-5:] == b"hello"
    finally:
        server.close()
