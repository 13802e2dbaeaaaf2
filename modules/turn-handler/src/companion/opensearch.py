"""Signed requests to the vector store. What it answers can hold personal data, so no body gets into an error."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from companion import settings
from companion.failures import HandlerError

# Recall is on the way to the first word. An erasure is not.
QUICK_SECONDS = 2
PATIENT_SECONDS = 30


def send(
    method: str, path: str, body: object = None, *, seconds: int = QUICK_SECONDS, missing_ok: bool = False
) -> dict[str, Any]:
    """The answer to a request; ``path`` is under the index. Raises HandlerError for any status that is no success.

    With ``missing_ok``, a 404 is an empty answer. A connection that the store closed while the function slept is
    opened again, once.
    """
    payload = b"" if body is None else json.dumps(body).encode()
    url = f"{settings.text('VECTORS_ENDPOINT').rstrip('/')}/{settings.text('VECTORS_INDEX')}/{path}"
    request = AWSRequest(method=method, url=url, data=payload, headers={"Content-Type": "application/json"})
    # Serverless demands this header, and refuses a signed Content-Length (AWS docs: OpenSearch Serverless, Signing).
    request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(payload).hexdigest()
    session = _session()
    SigV4Auth(
        session.get_credentials().get_frozen_credentials(),
        settings.text("VECTORS_SERVICE"),
        session.get_config_variable("region"),
    ).add_auth(request)
    prepared = request.prepare()
    try:
        response = _http(seconds).send(prepared)
    except ConnectionClosedError:
        response = _http(seconds).send(prepared)
    if response.status_code == 404 and missing_ok:
        return {}
    if not 200 <= response.status_code < 300:
        # The first part of the path names the request; the rest can be an id.
        raise HandlerError(f"the vector store answered {method} {path.split('/')[0]} with {response.status_code}")
    content = json.loads(response.content)
    if not isinstance(content, dict):
        raise HandlerError("the vector store answered with no JSON object")
    return content


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def _http(seconds: int) -> Any:
    # As botocore's clients have it: otherwise a small request waits for the acknowledgement of its own headers, 40 ms.
    at_once = [(IPPROTO_TCP, TCP_NODELAY, 1)]
    return URLLib3Session(timeout=(1, seconds), socket_options=at_once)
