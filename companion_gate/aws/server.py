"""AWS on this machine: moto's server in this process, with our backends for what it lacks."""

from __future__ import annotations

import os
import socket
from functools import partial
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

import moto.core.utils
from flask import Flask, request
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, make_server

import companion_gate.aws.backends  # noqa: F401  (registers our actions)
from companion_gate.aws import DEFAULT_ACCOUNT, gaps
from companion_gate.aws.session import isolated_botocore_session, isolated_session, loopback_client
from companion_gate.errors import GateError

LOOPBACK = "127.0.0.1"

# Regions and service names come from botocore's data; a profile that does not exist must not stop the server.
AccountSpecificBackend.get_session = staticmethod(isolated_session)
moto.core.utils.Session = isolated_botocore_session


class _QuietHandler(MotoRequestHandler):  # type: ignore[misc]
    """The server's own handler without a line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a test's output belongs to the test."""


class EmbeddedAws:
    """AWS on a loopback port of this process, for as long as the context lasts.

    Its state belongs to the process: two servers in one process share it, one per process (or one account per test)
    keeps tests apart. The last server to stop empties it.

    Raises `GateError` if the port is taken.
    """

    _running = 0
    _count_lock = Lock()

    def __init__(self, port: int = 0) -> None:
        self._requested_port = port
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self.gaps: list[str] = []
        """What was asked for and is not implemented, as ``service: action``, in the order of the first request."""

    @property
    def port(self) -> int:
        """The TCP port it listens on. Raises `GateError` before `start`."""
        if self._server is None:
            raise GateError("the embedded AWS is not running: call start() or use it in a with statement")
        return int(self._server.port)

    @property
    def url(self) -> str:
        """The endpoint of every service, without a slash at its end. Raises `GateError` before `start`."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> Self:
        """Listen; it answers from the moment this returns. Calling it again does nothing."""
        if self._server is not None:
            return self
        application = DomainDispatcherApplication(self._create_app)
        with _listen(self._requested_port) as listener:
            port = listener.getsockname()[1]
            self._server = make_server(
                LOOPBACK, port, application, threaded=True, request_handler=_QuietHandler, fd=listener.fileno()
            )
        # It looks this often (in seconds) whether it was told to stop.
        serve = partial(self._server.serve_forever, poll_interval=0.05)
        self._thread = Thread(target=serve, name=f"embedded-aws-{port}", daemon=True)
        self._thread.start()
        with EmbeddedAws._count_lock:
            EmbeddedAws._running += 1
        return self

    def stop(self) -> None:
        """Free the port and end the thread. Calling it again does nothing."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server = self._thread = None
        with EmbeddedAws._count_lock:
            EmbeddedAws._running -= 1
            if EmbeddedAws._running == 0:
                moto_api_backend.reset()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget every resource in every account and region; `gaps` stays, as evidence."""
        moto_api_backend.reset()

    def client(self, service: str, region: str = "us-east-1", account: str = DEFAULT_ACCOUNT) -> Any:
        """A boto3 client of this server; no AWS_* variable, profile or proxy of the process has a say in it."""
        return loopback_client(self.url, service, region, account)

    def _create_app(self, service: str | None) -> Flask:
        """The application for one service (None: a service that the server does not know)."""
        app = Flask("unknown service") if service is None else create_backend_app(service)
        app.register_error_handler(Exception, self._answer_error)
        return app

    def _answer_error(self, error: Exception) -> Any:
        if isinstance(error, HTTPException) and request.url_rule is not None:
            return error
        gap = gaps.describe(request, error)
        if gap not in self.gaps:
            self.gaps.append(gap)
        return gaps.response(request, gap)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise GateError(
            f"port {port} of {LOOPBACK} cannot be used for the embedded AWS ({os.strerror(error.errno or 0)}): "
            "stop what listens there, or ask for port 0, which takes a free one"
        ) from error
