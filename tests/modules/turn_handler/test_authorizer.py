from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import authorizer, clients, erase

from . import events, fakes
from .conftest import Companion

Mint = Callable[..., str]


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture
def mint(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> Mint:
    """Makes tickets as the product's own server does."""
    key = companion.kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    monkeypatch.setenv("TICKET_KEY_ARN", key)

    def ticket(**changes: Any) -> str:
        content = {
            "v": 1,
            "user_id": events.USER,
            "ticket_id": "ticket-0123456789",
            "issued_at": time.time(),
            **changes,
        }
        payload = encoded(json.dumps(content).encode())
        mac = companion.kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=payload.encode())
        return f"{payload}.{encoded(mac['Mac'])}"

    return ticket


def effect(ticket: str | None, **event: Any) -> str:
    offered = None if ticket is None else f"companion.v1, {ticket}"
    answer = authorizer.handler({**events.authorization(offered), **event}, None)
    return str(answer["policyDocument"]["Statement"][0]["Effect"])


def test_fresh_ticket_opens_this_connection_for_its_user(mint: Mint) -> None:
    event = events.authorization(f"companion.v1, {mint()}")
    answer = authorizer.handler(event, None)
    assert answer["context"] == {"user_id": events.USER}
    assert answer["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}],
    }
    assert events.USER not in answer["principalId"]


def test_header_name_may_be_in_any_case(mint: Mint) -> None:
    event = events.authorization(f"companion.v1,{mint()}", header="sec-websocket-protocol")
    assert authorizer.handler(event, None)["context"] == {"user_id": events.USER}


def test_ticket_opens_one_connection_only(mint: Mint) -> None:
    ticket = mint()
    assert [effect(ticket), effect(ticket)] == ["Allow", "Deny"]


@pytest.mark.parametrize(("age", "expected"), [(0, "Allow"), (58, "Allow"), (62, "Deny"), (-3, "Allow"), (-8, "Deny")])
def test_ticket_lives_for_a_minute(mint: Mint, age: float, expected: str) -> None:
    assert effect(mint(issued_at=time.time() - age)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"user_id": ""},
        {"user_id": None},
        {"user_id": "a b"},
        {"user_id": "x" * 129},
        {"ticket_id": "short"},
        {"ticket_id": "ticket#01234567890"},
        {"issued_at": "now"},
        {"issued_at": True},
        {"issued_at": float("nan")},
        {"issued_at": float("inf")},
    ],
)
def test_ticket_of_another_form_opens_nothing(mint: Mint, changes: dict[str, Any]) -> None:
    assert effect(mint(**changes)) == "Deny"


def test_ticket_that_somebody_changed_opens_nothing(mint: Mint, companion: Companion) -> None:
    payload, mac = mint().split(".")
    other = encoded(base64.urlsafe_b64decode(payload + "===").replace(b"4711", b"4712"))
    assert effect(f"{other}.{mac}") == "Deny"
    assert effect(f"{payload}.{encoded(bytes(32))}") == "Deny"
    assert not companion.items("state", None), "a forged ticket was taken down as used"


@pytest.mark.parametrize(
    "subprotocols",
    [
        None,
        "",
        "companion.v1",
        "companion.v2, {ticket}",
        "{ticket}, companion.v1",
        "{ticket}",
        "companion.v1, {ticket}, {ticket}",
        "companion.v1, not-a-ticket",
        "companion.v1, .",
        "companion.v1, e30.AAAA",
        "companion.v1, W10.AAAA",
        "companion.v1, ü.ü",
        "companion.v1, " + "x" * 2000 + ".x",
    ],
)
def test_without_a_ticket_nobody_gets_in(mint: Mint, subprotocols: str | None) -> None:
    offered = subprotocols.format(ticket=mint()) if subprotocols else subprotocols
    answer = authorizer.handler(events.authorization(offered), None)
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert answer["context"] == {}


def test_no_other_route_can_be_opened(mint: Mint) -> None:
    event = events.authorization(f"companion.v1, {mint()}")
    event["requestContext"]["routeKey"] = "send"
    assert authorizer.handler(event, None)["policyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_headers_that_are_missing_open_nothing(companion: Companion) -> None:
    assert effect(None, headers=None) == "Deny"


@pytest.mark.parametrize("service", ["kms", "dynamodb"])
def test_who_cannot_be_checked_does_not_get_in(
    mint: Mint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, service: str
) -> None:
    ticket = mint()

    def fail(_: dict[str, Any]) -> None:
        raise fakes.aws_error("ThrottlingException", "Anything")

    broken = fakes.FakeClient(service, verify_mac=fail, transact_write_items=fail)
    monkeypatch.setitem(clients._MADE, service, broken)
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        effect(ticket)
    assert "authorizer: Anything: ThrottlingException" in caplog.text


def test_answer_that_is_no_proof_opens_nothing(mint: Mint, fake: Callable[..., fakes.FakeClient]) -> None:
    ticket = mint()
    fake("kms", verify_mac=lambda _: {"MacValid": False})
    assert effect(ticket) == "Deny"


def test_setting_that_is_missing_opens_nothing(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = mint()
    monkeypatch.delenv("TICKET_KEY_ARN")
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        effect(ticket)


def test_erasure_does_not_make_used_tickets_new(mint: Mint, companion: Companion) -> None:
    ticket = mint()
    assert effect(ticket) == "Allow"
    erase.handler(events.sqs(events.erasure()), None)
    assert not companion.state("ticket#")
    assert effect(ticket) == "Deny"
    assert effect(mint(ticket_id="ticket-of-afterwards")) == "Allow"


def test_trace_of_a_ticket_expires_after_the_ticket(mint: Mint, companion: Companion) -> None:
    effect(mint())
    (used,) = companion.state("ticket#")
    assert time.time() + 120 < int(used["expires_at"]["N"]) < time.time() + 3600


def test_log_says_why_and_never_shows_the_ticket(mint: Mint, caplog: pytest.LogCaptureFixture) -> None:
    ticket = mint()
    effect(ticket)
    effect(ticket)
    assert "connection refused: the ticket was used before" in caplog.text
    assert not any(part in caplog.text for part in ticket.split("."))
