"""What the embedded AWS was asked for and cannot do, and how it says so."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape

from flask import Request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_UNIMPLEMENTED = re.compile(r"^The (\w+) action has not been implemented")


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
    code = "NotImplementedException"
    error = f"<Code>{code}</Code><Message>{escape(gap)}</Message>"
    service = _service(request)
    if service == "ec2":
        body = f"<Response><Errors><Error>{error}</Error></Errors></Response>"
    elif service == "s3":
        body = f"<Error>{error}</Error>"
    elif service in ("cloudfront", "route53") or request.mimetype == "application/x-www-form-urlencoded":
        body = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    else:
        body = json.dumps({"__type": code, "message": gap})
        return Response(body, 501, {"x-amzn-errortype": code}, mimetype="application/json")
    return Response(body, 501, mimetype="text/xml")


def _service(request: Request) -> str:
    scope = _CREDENTIAL_SCOPE.search(request.headers.get("Authorization", ""))
    return scope.group(1) if scope else "unsigned request"


def _action(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "").rsplit(".", 1)[-1]
    return target or request.values.get("Action") or f"{request.method} {request.path}"
