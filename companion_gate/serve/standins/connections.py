"""The management API of a WebSocket API: what functions send to clients.

Source: AWS docs "Use @connections commands in your backend service" (API Gateway developer guide).
"""

from __future__ import annotations

from urllib.parse import unquote

from companion_gate.serve.gateway.sockets import Sockets, TooLargeError, UnknownConnectionError
from companion_gate.serve.standins.answers import Asked, AwsRefusalError, Given, as_json


class Connections:
    """Sends to, looks at and closes the sockets of a stage."""

    def __init__(self, stage: str, sockets: Sockets) -> None:
        self._prefix = f"{stage}/@connections/"
        self._sockets = sockets

    def answer(self, asked: Asked) -> Given:
        if not asked.path.startswith(self._prefix):
            raise AwsRefusalError("ForbiddenException", f"no such stage or path: {asked.path}", 403)
        connection_id = unquote(asked.path.removeprefix(self._prefix))
        try:
            if asked.method == "POST":
                self._sockets.post(connection_id, asked.body)
                return Given()
            if asked.method == "DELETE":
                self._sockets.end(connection_id)
                return Given(204)
            return as_json(self._sockets.told(connection_id))
        except UnknownConnectionError:
            raise AwsRefusalError("GoneException", "", 410) from None
        except TooLargeError:
            raise AwsRefusalError("PayloadTooLargeException", "Payload too large", 413) from None
