"""AWS on this machine: moto's server in this process, with our backends for what it lacks."""

from __future__ import annotations

import socket
from socketserver import BaseServer
from threading import Lock
from types import TracebackType
from typing import Any, Self

from companion_gate.aws import DEFAULT_ACCOUNT, empty
from companion_gate.aws.calls import Calls
from companion_gate.aws.faults import Faults
from companion_gate.aws.lazy import LOOPBACK, LazyServer
from companion_gate.errors import GateError


class EmbeddedAws:
    """AWS on a loopback port of this process, for as long as the context lasts.

    It costs nothing until somebody connects, or asks for a client: only then moto is imported, and not even then for
    what an empty AWS is asked while Terraform plans.
    Its state belongs to the process: two servers in one process share it, one per process (or one account per test)
    keeps tests apart. The last server to stop empties it.

    Raises `GateError` if the port is taken.
    """

    _answering = 0
    _count_lock = Lock()

    def __init__(self, port: int = 0) -> None:
        self._requested_port = port
        self._server: LazyServer | None = None
        self.gaps: list[str] = []
        """What was asked for and is not implemented, as ``service: action``, in the order of the first request."""
        self.faults = Faults()
        """The faults that it is told to have."""
        self.calls = Calls()
        """How often each operation was called."""

    @property
    def port(self) -> int:
        """The TCP port it listens on. Raises `GateError` before `start`."""
        return self._running().port

    @property
    def url(self) -> str:
        """The endpoint of every service, without a slash at its end. Raises `GateError` before `start`."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def asked(self) -> bool:
        """Whether anybody connected since `start`, or asked for a client."""
        return self._server is not None and self._server.asked

    @property
    def loaded(self) -> bool:
        """Whether anybody asked what only moto can answer, so that it was imported."""
        return self._server is not None and self._server.made

    def start(self) -> Self:
        """Listen; whoever connects from the moment this returns is answered. Calling it again does nothing."""
        if self._server is None:
            self._server = LazyServer(self._requested_port, self._make, self._answer)
        return self

    def stop(self) -> None:
        """Free the port and end the thread. Calling it again does nothing."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        if server.made:
            self._forget_with_the_last()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget every resource in every account and region; `gaps` stays, as evidence."""
        with EmbeddedAws._count_lock:
            if EmbeddedAws._answering:
                _forget_everything()

    def client(self, service: str, region: str = "us-east-1", account: str = DEFAULT_ACCOUNT) -> Any:
        """A boto3 client of this server; no AWS_* variable, profile or proxy of the process has a say in it.

        Raises `GateError` before `start`, and where the server cannot be made.
        """
        self._running().wake()
        # Here, because boto3 takes a moment to import.
        from companion_gate.aws.session import loopback_client

        return loopback_client(self.url, service, region, account)

    def _running(self) -> LazyServer:
        if self._server is None:
            raise GateError("the embedded AWS is not running: call start() or use it in a with statement")
        return self._server

    def _answer(self, request: bytes) -> bytes | None:
        # Another server of this process may have made something, and the state is the process's.
        return None if EmbeddedAws._answering else empty.answer(request)

    def _make(self, listener: socket.socket) -> BaseServer:
        try:
            # Here, because importing moto takes longer than most plans, which never ask AWS anything.
            from companion_gate.aws.application import serving
        except (ImportError, AttributeError) as error:
            why = f"the embedded AWS cannot start: {error}; install companion-gate again, with the versions it asks for"
            self._report(why)
            raise GateError(why) from error
        server: BaseServer = serving(listener, self._report, self.faults, self.calls)
        with EmbeddedAws._count_lock:
            EmbeddedAws._answering += 1
        return server

    def _report(self, gap: str) -> None:
        if gap not in self.gaps:
            self.gaps.append(gap)

    def _forget_with_the_last(self) -> None:
        with EmbeddedAws._count_lock:
            EmbeddedAws._answering -= 1
            if EmbeddedAws._answering == 0:
                _forget_everything()


def _forget_everything() -> None:
    # Here, because it is moto's; whoever calls this has imported it already.
    from companion_gate.aws.application import forget_everything

    forget_everything()
