"""A loopback port that is open at once, with a server that is made when it is first needed."""

from __future__ import annotations

import os
import selectors
import socket
from collections.abc import Callable
from socketserver import BaseServer
from threading import Event, Lock, Thread
from typing import Any

from companion_gate.errors import GateError

LOOPBACK = "127.0.0.1"
# A running server looks this often whether it was told to stop.
_POLL_SECONDS = 0.05
# So long the first request on a connection may take to arrive; after that it is the server's.
_REQUEST_SECONDS = 0.2
_REQUEST_BYTES = 1 << 16

Make = Callable[[socket.socket], BaseServer]
Answer = Callable[[bytes], bytes | None]
Connection = tuple[socket.socket, Any]


class LazyServer:
    """Listens from the moment it is made; connections queue in the kernel until their server is there.

    `make` builds that server on the listening socket, in a thread of this object, when a request comes for which
    `answer` knows no response. Where it raises GateError, every request is answered with that sentence and HTTP 501,
    which the SDKs of AWS take as final; a refused connection they would try again for half a minute. Raises GateError
    if the port (0: a free one) is taken. Threads may share it.
    """

    def __init__(self, port: int, make: Make, answer: Answer = lambda _: None) -> None:
        self._listener = _listen(port)
        self.port = int(self._listener.getsockname()[1])
        """The TCP port it listens on."""
        self.asked = False
        """Whether anybody connected, or woke it."""
        self._make = make
        self._answer = answer
        self._process = os.getpid()
        # A byte on the one end ends the waiting on the other.
        self._bell, self._rung = socket.socketpair()
        self._lock = Lock()
        self._closing = False
        self._server: BaseServer | None = None
        self._failure: GateError | None = None
        self._settled = Event()
        self._thread = Thread(target=self._run, name=f"embedded-aws-{self.port}", daemon=True)
        self._thread.start()

    @property
    def made(self) -> bool:
        """Whether there is a server, that is: whether anybody needed it and it could be made."""
        return self._server is not None and self._failure is None

    def wake(self) -> None:
        """Return when the server is there. Raises GateError where it cannot be made, or is closed."""
        # A forked process has no thread of its own; the server is its parent's, and the first connection makes it.
        if os.getpid() != self._process:
            return
        self.asked = True
        self._ring()
        self._settled.wait()
        if self._failure is not None:
            raise self._failure
        if self._server is None:
            raise GateError("the embedded AWS ended before it was ready: look for its error above, or start it again")

    def close(self) -> None:
        """Free the port and end the thread; while the server is being made, that is waited for."""
        if os.getpid() == self._process:
            with self._lock:
                self._closing = True
                server = self._server
            if server is not None:
                server.shutdown()
            else:
                self._ring()
            self._thread.join()
        for each in (self._listener, self._bell, self._rung):
            each.close()

    def _ring(self) -> None:
        with self._lock:
            if not self._settled.is_set():
                self._bell.send(b"!")

    def _run(self) -> None:
        first: Connection | None = None
        try:
            first = self._first_to_serve()
            if not self._closing:
                self._serve(first)
        finally:
            # Whatever went wrong, nobody shall wait for an answer that never comes.
            if first is not None:
                first[0].close()
            self._listener.close()
            self._settled.set()

    def _first_to_serve(self) -> Connection | None:
        """The first connection that needs the server; None when the bell rang before one came."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._rung, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._rung in ready:
                    return None
                connection, address = self._listener.accept()
                self.asked = True
                if not self._is_answered(connection):
                    return connection, address
                connection.close()

    def _is_answered(self, connection: socket.socket) -> bool:
        """Whether nothing is left to do for a connection: it got its answer, or is gone."""
        try:
            connection.settimeout(_REQUEST_SECONDS)
            request = connection.recv(_REQUEST_BYTES, socket.MSG_PEEK)
            if not request:
                return True
            if (answer := self._answer(request)) is not None:
                connection.recv(len(request))
                connection.sendall(answer)
                return True
        except TimeoutError:
            pass
        except OSError:
            return True
        connection.settimeout(None)
        return False

    def _serve(self, first: Connection | None) -> None:
        try:
            server = self._make(self._listener)
        except GateError as error:
            # Here, because it is needed only when something is broken.
            from companion_gate.aws.refusal import refusing

            self._failure = error
            server = refusing(self._listener, str(error))
        with server:
            with self._lock:
                self._server = server
                if self._closing:
                    return
            self._settled.set()
            if first is not None:
                server.process_request(*first)
            server.serve_forever(_POLL_SECONDS)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise GateError(
            f"port {port} of {LOOPBACK} cannot be used for the embedded AWS ({os.strerror(error.errno or 0)}): "
            "stop what listens there, or ask for port 0, which takes a free one"
        ) from error
