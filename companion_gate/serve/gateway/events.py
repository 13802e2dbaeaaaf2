"""Events as API Gateway sends them to functions of a WebSocket API, and its own words to clients.

Sources: AWS docs "API Gateway mapping template and access logging variable reference for WebSocket APIs", "Lambda
REQUEST authorizers for WebSocket APIs" (API Gateway developer guide). The form of API Gateway's own frames is assumed:
it was seen in public reports, and AWS documents it only as a default response.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from companion_gate.serve.deployed import Api


def random_id() -> str:
    """An id as API Gateway makes them for connections and requests."""
    return base64.b64encode(secrets.token_bytes(11)).decode()


@dataclass
class Client:
    """A connection: who the authorizer says it is, and since when (epoch seconds)."""

    address: str
    id: str = field(default_factory=random_id)
    connected_at: float = field(default_factory=time.time)
    identity: Mapping[str, Any] = field(default_factory=dict)
    last_active_at: float = field(default_factory=time.time)
    status: int = 1005
    reason: str = ""


def authorization(api: Api, client: Client, headers: Mapping[str, str]) -> dict[str, Any]:
    """$connect, as a REQUEST authorizer gets it."""
    return {
        "type": "REQUEST",
        "methodArn": method_arn(api),
        **_with_headers(headers),
        "queryStringParameters": {},
        "stageVariables": {},
        "requestContext": _context(api, client, "$connect", "CONNECT"),
    }


def method_arn(api: Api) -> str:
    """What an authorizer lets a client invoke, or not."""
    return f"arn:aws:execute-api:{api.region}:{api.account}:{api.id}/{api.stage}/$connect"


def connection(api: Api, client: Client, headers: Mapping[str, str]) -> dict[str, Any]:
    """$connect, as the integration gets it."""
    context = _context(api, client, "$connect", "CONNECT")
    return {**_with_headers(headers), "requestContext": context, "isBase64Encoded": False}


def disconnection(api: Api, client: Client) -> dict[str, Any]:
    """$disconnect."""
    told = {"disconnectStatusCode": client.status, "disconnectReason": client.reason}
    context = {**_context(api, client, "$disconnect", "DISCONNECT"), **told}
    return {**_with_headers({}), "requestContext": context, "isBase64Encoded": False}


def message(api: Api, client: Client, route: str, body: str | bytes) -> dict[str, Any]:
    """A frame of a client."""
    binary = isinstance(body, bytes)
    return {
        "requestContext": {**_context(api, client, route, "MESSAGE"), "messageId": random_id()},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": binary,
    }


def own_words(text: str, client: Client, request_id: str) -> str:
    """A frame that API Gateway itself sends, since no function answered."""
    return json.dumps({"message": text, "connectionId": client.id, "requestId": request_id})


def _with_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    return {"headers": dict(headers), "multiValueHeaders": {name: [value] for name, value in headers.items()}}


def _context(api: Api, client: Client, route: str, kind: str) -> dict[str, Any]:
    now = time.time()
    return {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": random_id(),
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "messageDirection": "IN",
        "stage": api.stage,
        "connectedAt": int(client.connected_at * 1000),
        "requestTimeEpoch": int(now * 1000),
        "identity": {"sourceIp": client.address},
        "requestId": random_id(),
        "domainName": api.domain,
        "connectionId": client.id,
        "apiId": api.id,
        **({"authorizer": dict(client.identity)} if client.identity else {}),
    }
