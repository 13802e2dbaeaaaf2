"""``$connect``: lets in who brings a fresh, genuine, unused ticket, and nobody else."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from companion import clients, settings, state, tickets
from companion.failures import code_of, log, report
from companion.frames import SUBPROTOCOL

# A ticket that is kept for as long as it could be shown again, and a while: DynamoDB's clock is not ours.
_USED_SECONDS = 600


class UnauthorizedError(Exception):
    """What API Gateway answers with 401: it goes by this message (AWS docs: Lambda authorizer output)."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answers a REQUEST authorizer: Allow with the user, or Deny. Raises UnauthorizedError when it cannot tell."""
    try:
        arn = event["methodArn"]
        if event["requestContext"]["routeKey"] != "$connect":
            raise tickets.TicketError("the route is not $connect")
        now = time.time()
        ticket = tickets.parse(_shown(event.get("headers") or {}), now)
        _verify(ticket)
        _use_up(ticket, now)
    except tickets.TicketError as refusal:
        log.warning("connection refused: %s", refusal)
        return _policy("Deny", event.get("methodArn") or "*", "nobody", {})
    except Exception as error:
        report("authorizer", error)
        raise UnauthorizedError("Unauthorized") from None
    # The principal can end up in access logs, so it is no user id.
    principal = hashlib.sha256(ticket.user_id.encode()).hexdigest()[:32]
    return _policy("Allow", arn, principal, {"user_id": ticket.user_id})


def _shown(headers: Mapping[str, str]) -> str:
    values = [value for name, value in headers.items() if name.lower() == "sec-websocket-protocol"]
    offered = [part.strip() for value in values for part in value.split(",")]
    if len(offered) != 2 or offered[0] != SUBPROTOCOL:
        raise tickets.TicketError(f"the subprotocols are not {SUBPROTOCOL} and a ticket")
    return offered[1]


def _verify(ticket: tickets.Ticket) -> None:
    try:
        answer = clients.kms().verify_mac(
            KeyId=settings.text("TICKET_KEY_ARN"),
            MacAlgorithm=tickets.MAC_ALGORITHM,
            Message=ticket.signed,
            Mac=ticket.mac,
        )
    except ClientError as error:
        if code_of(error) == "KMSInvalidMacException":
            raise tickets.TicketError("the ticket's MAC is wrong") from None
        raise
    if answer.get("MacValid") is not True:
        raise tickets.TicketError("the ticket's MAC is wrong")


def _use_up(ticket: tickets.Ticket, now: float) -> None:
    used = state.put(
        settings.text("STATE_TABLE"),
        {
            "user_id": {"S": ticket.user_id},
            "state_key": {"S": f"ticket#{ticket.ticket_id}"},
            "expires_at": {"N": str(int(now) + _USED_SECONDS)},
        },
        {"ConditionExpression": "attribute_not_exists(state_key)"},
    )
    try:
        state.write_unless_erased(ticket.user_id, ticket.issued_at, used)
    except state.ConditionError:
        raise tickets.TicketError("the ticket was used before") from None
    except state.ErasedError:
        # The erasure deleted the trace of used tickets too.
        raise tickets.TicketError("the ticket is older than the user's erasure") from None


def _policy(effect: str, arn: str, principal: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
