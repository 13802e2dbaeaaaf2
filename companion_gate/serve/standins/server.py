"""One loopback port for all stand-ins: the first part of a path says whose it is."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from companion_gate.serve.standins.answers import Asked, AwsRefusalError, Given, StandIn

_LOOPBACK = "127.0.0.1"


class StandInServer:
    """Listens until it is closed. What nobody stands in for is refused with 501; `report` hears of it in a line."""

    def __init__(self, standins: Mapping[str, StandIn], report: Callable[[str], None] = lambda _: None) -> None:
        handler = type("Handler", (_Handler,), {"standins": standins, "report": staticmethod(report)})
        self._server = _Server((_LOOPBACK, 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, name: str) -> str:
        """The endpoint of a stand-in, without a slash at its end."""
        return f"http://{_LOOPBACK}:{self._server.server_address[1]}/{name}"

    def close(self) -> None:
        """Free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Every function's environments connect at once after a pause.
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone, such as a function that was ended, is no failure of the stand-in."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise the end of a small answer waits for the client's acknowledgement of its beginning.
    disable_nagle_algorithm = True
    standins: Mapping[str, StandIn]
    report: Callable[[str], None]

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        name, _, path = url.path.lstrip("/").partition("/")
        try:
            if name not in self.standins:
                self.report(f"nothing stands in for {self.command} {url.path}")
                raise AwsRefusalError("NotImplemented", f"nothing stands in for {self.command} {url.path}", 501)
            asked = Asked(self.command, path, dict(self.headers), body, url.query)
            given = self.standins[name].answer(asked)
        except AwsRefusalError as refused:
            given = refused.given()
        except Exception as error:
            given = self._broken(name, error)
        # A client that left in the middle is no failure of the stand-in.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._give(name, given)

    def _broken(self, name: str, error: Exception) -> Given:
        """Without the error's message, which may quote what a user wrote."""
        self.report(f"the stand-in {name} broke over {self.command}: {type(error).__name__}")
        return AwsRefusalError("InternalServerException", "the stand-in broke", 500).given()

    def _give(self, name: str, given: Given) -> None:
        self.send_response(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        if isinstance(given.body, bytes):
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            self.wfile.write(given.body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in given.body:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        except ConnectionError:
            raise
        except Exception as error:
            # The client sees that the stream broke off.
            self._broken(name, error)
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    do_DELETE = do_GET = do_POST = do_PUT = _serve  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing: what is asked here can be what a user wrote."""
