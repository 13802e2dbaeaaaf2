"""Frames to a client's open connection."""

from __future__ import annotations

from botocore.exceptions import ClientError

from companion import clients
from companion.failures import code_of


class GoneError(Exception):
    """The client has left; there is nobody to answer."""


def post(connection_id: str, frame: bytes) -> None:
    """Send one frame. Raises GoneError when the connection is closed."""
    try:
        clients.connections().post_to_connection(ConnectionId=connection_id, Data=frame)
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code_of(error) == "GoneException" or status == 410:
            raise GoneError from None
        raise
