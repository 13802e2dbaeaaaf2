"""What answers in the place of an embedded AWS that cannot be made."""

from __future__ import annotations

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape


def refusing(listener: socket.socket, why: str) -> ThreadingHTTPServer:
    """A server on `listener` that answers every request with HTTP 501 and `why`, in the form that the SDKs read."""

    class Refusal(BaseHTTPRequestHandler):
        def refuse(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = _in_xml(why) if "form" in self.headers.get("Content-Type", "") else _in_json(why)
            self.send_response(501)
            self.send_header("x-amzn-errortype", "NotImplementedException")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = refuse  # noqa: N815  # named by the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named by the library
            """Say nothing: a test's output belongs to the test."""

    server = ThreadingHTTPServer(listener.getsockname(), Refusal, bind_and_activate=False)
    server.socket.close()
    server.socket = listener.dup()
    return server


def _in_json(why: str) -> bytes:
    return json.dumps({"__type": "NotImplementedException", "message": why}).encode()


def _in_xml(why: str) -> bytes:
    """For the protocols whose requests are forms."""
    error = f"<Error><Code>NotImplementedException</Code><Message>{escape(why)}</Message></Error>"
    return f"<ErrorResponse>{error}</ErrorResponse>".encode()
