"""What stands before moto on every request: whose account it is, which fault it meets, and how often it was made."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from companion_gate.aws import wire
from companion_gate.aws.calls import Calls, Operation
from companion_gate.aws.faults import Fault, Faults, Kind
from companion_gate.aws.serial import turn_of

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_KEPT_ANSWERS = 256
_REFUSALS = {
    Kind.THROTTLE: ("400 Bad Request", "ThrottlingException", "Rate exceeded"),
    Kind.BREAK: ("500 Internal Server Error", "InternalFailure", "The request processing has failed"),
    Kind.DENY: ("403 Forbidden", "AccessDeniedException", "The embedded AWS was told to deny this call"),
}


@dataclass(frozen=True)
class _Answer:
    """A whole response."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def give(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(self.status, self.headers)
        return [self.body]


class _Answers:
    """The last answers by the SDK's invocation id, which stays the same when it asks again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, _Answer] = OrderedDict()

    def get(self, invocation: str) -> _Answer | None:
        with self._lock:
            return self._kept.get(invocation)

    def keep(self, invocation: str, answer: _Answer) -> None:
        with self._lock:
            self._kept[invocation] = answer
            while len(self._kept) > _KEPT_ANSWERS:
                self._kept.popitem(last=False)


class Front:
    """A WSGI application around moto's.

    Measured with AWS provider 5.100 on a busy machine: of a thousand answers about one does not reach it, although it
    was sent. A change that is then made again finds its name taken, so what was answered is answered the same again.
    """

    def __init__(self, moto: Application, faults: Faults, calls: Calls) -> None:
        self._moto = moto
        self._faults = faults
        self._calls = calls
        self._answers = _Answers()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signed_by = wire.signer(environ)
        if signed_by is None:
            return self._moto(environ, start_response)
        # moto books a request under the account of this header.
        if signed_by.account is not None:
            environ.setdefault("HTTP_X_MOTO_ACCOUNT_ID", signed_by.account)
        asked = wire.operation(environ, signed_by)
        began = time.perf_counter()
        try:
            return self._answer(environ, start_response, asked, signed_by.service)
        finally:
            self._calls.add(asked, time.perf_counter() - began)

    def _answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any], asked: Operation, service: str
    ) -> Iterable[bytes]:
        fault = self._faults.of(asked)
        if fault is not None and fault.kind in _REFUSALS:
            return _refuse(environ, start_response, fault, service)
        if fault is not None and fault.kind is Kind.SLOW:
            time.sleep(fault.seconds)
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        # Looked for in the request's own turn: the SDK asks again as soon as it has lost patience, answered or not.
        with turn_of(asked):
            if (known := self._answers.get(invocation)) is not None:
                self._calls.repeat(asked)
                return known.give(start_response)
            answer = self._whole(environ)
            lost = fault is not None and fault.kind is Kind.LOSE
            if invocation and answer.status.startswith("2") and not lost:
                self._answers.keep(invocation, answer)
        if lost:
            _reset(environ["werkzeug.socket"])
        return answer.give(start_response)

    def _whole(self, environ: dict[str, Any]) -> _Answer:
        """moto's answer; what it begins with it also ends."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            begun.append((status, headers))

        parts = self._moto(environ, begin)
        try:
            body = b"".join(parts)
        finally:
            if (close := getattr(parts, "close", None)) is not None:
                close()
        return _Answer(*begun[-1], body)


def _refuse(environ: dict[str, Any], start_response: Callable[..., Any], fault: Fault, service: str) -> Iterable[bytes]:
    status, code, message = _REFUSALS[fault.kind]
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    body, content_type = wire.error(service, environ.get("CONTENT_TYPE", ""), code, message)
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), ("x-amzn-ErrorType", code)]
    start_response(status, headers)
    return [body]


def _reset(connection: socket.socket) -> None:
    """Close with RST, which the SDKs see as "connection reset by peer" (Linux man page socket(7): SO_LINGER)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Files of the handler hold the socket open; the descriptor itself is what the client sees.
    os.close(connection.detach())
    raise ConnectionResetError("the embedded AWS was told to lose this answer")
