"""What the embedded AWS was asked for and cannot do, and how it says so."""

from __future__ import annotations

import re

from flask import Request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from companion_gate.aws import wire

_UNIMPLEMENTED = re.compile(r"^The (\w+) action has not been implemented")
_CODE = "NotImplementedException"


def describe(request: Request, error: Exception) -> str:
    """One line for the request that failed: ``service: action not implemented``, or why it failed."""
    named = _UNIMPLEMENTED.match(str(error))
    action = named.group(1) if named else _action(request)
    if isinstance(error, HTTPException | NotImplementedError):
        return f"{_service(request)}: {action} not implemented"
    return f"{_service(request)}: {action} failed in the embedded AWS with {type(error).__name__}: {error}"


def response(request: Request, gap: str) -> Response:
    """HTTP 501 in the form that the service's SDK reads.

    Every AWS SDK retries a 500 for minutes and takes a 501 as final.
    """
    body, content_type = wire.error(_service(request), request.mimetype, _CODE, gap)
    return Response(body, 501, {"x-amzn-errortype": _CODE}, content_type=content_type)


def _service(request: Request) -> str:
    signed_by = wire.signer(request.environ)
    return signed_by.service if signed_by else "unsigned request"


def _action(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "").rsplit(".", 1)[-1]
    return target or request.values.get("Action") or f"{request.method} {request.path}"
