"""moto's server with our backends, on a socket that listens already. Importing this module is what costs."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any

import moto.core.utils
from flask import Flask, request
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, make_server

from companion_gate.aws import backends, gaps
from companion_gate.aws.calls import Calls
from companion_gate.aws.faults import Faults
from companion_gate.aws.front import Front
from companion_gate.aws.session import isolated_botocore_session, isolated_imports, isolated_session

# Regions and service names come from botocore's data; a profile that does not exist must not stop the server.
AccountSpecificBackend.get_session = staticmethod(cache(isolated_session))
moto.core.utils.Session = isolated_botocore_session

Report = Callable[[str], None]
# How long a client that was answered may take to close its side.
_LINGER_SECONDS = 1.0


class _QuietHandler(MotoRequestHandler):  # type: ignore[misc]
    """The server's own handler without a line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a test's output belongs to the test."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Read no further request of a connection that is gone, or that was reset as a fault."""
        self.close_connection = True

    def finish(self) -> None:
        """Let the client close first, as it does once it has read an answer that says so.

        Go's HTTP client up to 1.23, and with it AWS provider 5.100, drops an answer now and then when the connection
        is closed while it takes the answer in.
        """
        super().finish()
        with suppress(OSError):
            self.connection.settimeout(_LINGER_SECONDS)
            while self.connection.recv(1 << 16):
                pass


def serving(listener: socket.socket, report: Report, faults: Faults, calls: Calls) -> BaseWSGIServer:
    """A server on `listener`; `report` gets one line for each request that cannot be answered."""
    host, port = listener.getsockname()
    application = Front(DomainDispatcherApplication(partial(_create_app, report)), faults, calls)
    return make_server(host, port, application, threaded=True, request_handler=_QuietHandler, fd=listener.fileno())


def forget_everything() -> None:
    """Empty every account and region of this process."""
    moto_api_backend.reset()


def _create_app(report: Report, service: str | None) -> Flask:
    """The application for one service (None: a service that the server does not know), made at its first request."""
    app = _unanswerable(None) if service is None else _service_app(service)
    app.register_error_handler(Exception, partial(_answer_error, report))
    return app


def _service_app(service: str) -> Flask:
    try:
        with isolated_imports():
            backends.load(service)
            app: Flask = create_backend_app(service)
            return app
    except ImportError as error:
        return _unanswerable(f"{error}; install companion-gate again, with the versions that it asks for")


def _unanswerable(why: str | None) -> Flask:
    """An application without any action: each request is a gap, for this reason or for being unknown."""
    app = Flask("unanswerable service")

    def refuse() -> None:
        if why is not None:
            raise ImportError(why)

    app.before_request(refuse)
    return app


def _answer_error(report: Report, error: Exception) -> Any:
    if isinstance(error, HTTPException) and request.url_rule is not None:
        return error
    gap = gaps.describe(request, error)
    report(gap)
    return gaps.response(request, gap)
