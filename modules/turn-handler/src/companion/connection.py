"""``$connect`` and ``$disconnect``: the registry of open connections."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from companion import clients, settings
from companion.failures import HandlerError, name_of, report
from companion.frames import SUBPROTOCOL

# API Gateway closes a connection after 2 hours (AWS docs: WebSocket API quotas); 10 minutes are slack.
_LIFETIME_SECONDS = 7800


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answers the two routes. Raises HandlerError where a connection cannot be kept, which refuses it."""
    request = event["requestContext"]
    try:
        if request["routeKey"] == "$disconnect":
            _delete(request["connectionId"])
            return {"statusCode": 200}
        user_id = request.get("authorizer", {}).get("user_id")
        if request["routeKey"] != "$connect" or not user_id:
            return {"statusCode": 401}
        _keep(request["connectionId"], user_id)
    except Exception as error:
        report("connection", error)
        raise HandlerError(f"connection: {name_of(error)}") from None
    # A browser closes a connection whose server does not name one of the subprotocols that it offered.
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL}}


def _keep(connection_id: str, user_id: str) -> None:
    now = int(time.time())
    clients.dynamodb().put_item(
        TableName=settings.text("CONNECTIONS_TABLE"),
        Item={
            "connection_id": {"S": connection_id},
            "user_id": {"S": user_id},
            "connected_at": {"N": str(now)},
            "expires_at": {"N": str(now + _LIFETIME_SECONDS)},
        },
    )


def _delete(connection_id: str) -> None:
    clients.dynamodb().delete_item(
        TableName=settings.text("CONNECTIONS_TABLE"), Key={"connection_id": {"S": connection_id}}
    )
