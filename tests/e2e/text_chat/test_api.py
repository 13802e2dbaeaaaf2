"""The WebSocket API as API Gateway runs it: who gets in, what a frame may be, and how long a connection lasts."""

from __future__ import annotations

import collections
import functools
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from companion_gate.serve.gateway.server import Gateway, Limits
from tests.e2e.talking import Served, kinds, wait_for


def refused(served: Served, *protocols: str, path: str = "") -> int:
    """The status that a handshake is refused with."""
    offered: Any = list(protocols) or None
    with (
        pytest.raises(InvalidStatus) as raised,
        connect(served.companion.gateway.url + path, subprotocols=offered, compression=None),
    ):
        pass
    return int(raised.value.response.status_code)


def test_only_a_fresh_genuine_unused_ticket_opens_a_connection(text_chat: Served, user: str) -> None:
    ticket = text_chat.companion.ticket
    assert refused(text_chat) == 401
    assert refused(text_chat, "companion.v1") == 403
    assert refused(text_chat, "companion.v2", ticket(user)) == 403
    assert refused(text_chat, "companion.v1", ticket(user, issued_at=time.time() - 61)) == 403
    payload, _, mac = ticket(user).partition(".")
    _, _, other_mac = ticket(f"{user}-other").partition(".")
    assert refused(text_chat, "companion.v1", f"{payload}.{other_mac}") == 403
    with text_chat.talker(user, ticket_id="used-only-once-1234") as talker:
        assert talker.socket.subprotocol == "companion.v1"
    assert refused(text_chat, "companion.v1", ticket(user, ticket_id="used-only-once-1234")) == 403
    assert refused(text_chat, "companion.v1", ticket(user), path="-other") == 403
    assert mac != other_mac


def test_the_registry_of_connections_follows_them(text_chat: Served, user: str) -> None:
    stored = text_chat.companion.stored
    with text_chat.talker(user):
        wait_for(lambda: len(stored.items("connections", user)) == 1)
    wait_for(lambda: stored.items("connections", user) == [])


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ("no json", "a frame must be JSON"),
        (b"\x00\x01", "a frame must be text, not binary"),
        ({"action": "sing"}, "action must be send, listen, erase or ping"),
        ({"action": "send", "turn_id": "t", "text": " "}, "text must be a string that is not empty"),
        ({"action": "send", "turn_id": "t", "text": "a" * 8193}, "text has 8193 bytes, and may have 8192"),
        ({"action": "send", "turn_id": "t t", "text": "hello"}, "turn_id must be"),
        ({"action": "send", "turn_id": "t", "text": "hello", "voice": "en-GB"}, "this companion does not speak"),
        ({"action": "listen", "language": "en-GB"}, "this companion does not listen"),
    ],
)
def test_a_frame_that_is_none_is_answered_with_what_is_wrong(
    text_chat: Served, user: str, frame: object, says: str
) -> None:
    with text_chat.talker(user) as talker:
        talker.say(frame)
        answer = talker.hear()
        assert (answer["type"], says in answer["data"]) == ("error", True), answer
        talker.say({"action": "ping"})
        assert talker.hear()["type"] == "pong"


def test_more_frames_than_the_stage_lets_through_are_refused_by_the_gateway(text_chat: Served, user: str) -> None:
    route = text_chat.companion.deployed.api.routes["send"]
    count = route.throttle.burst + 150
    with text_chat.talker(user) as talker:
        for _ in range(count):
            # No turn, so that nothing is queued: the gateway does not look into a frame.
            talker.say({"action": "send"})
        answers = [talker.hear() for _ in range(count)]
    refusals = [each for each in answers if "type" not in each]
    assert refusals
    assert all(set(each) == {"message", "connectionId", "requestId"} for each in refusals)
    assert {each["message"] for each in refusals} == {"Too Many Requests"}
    assert len(answers) - len(refusals) >= route.throttle.burst


@pytest.fixture
def gateway(text_chat: Served) -> Iterator[Callable[..., Gateway]]:
    """Opens the same API on another port, with other limits."""
    companion = text_chat.companion
    opened: list[Gateway] = []

    def open_(**limits: float) -> Gateway:
        opened.append(Gateway(companion.router, companion.sockets, Limits(**limits), lambda _: None))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for each in opened:
        with closing(each):
            pass


def closed(served: Served, url: str, user: str, *frames: str | list[str]) -> tuple[int, float]:
    """The code that a connection is closed with, and after how many seconds; it sends frames, or fragments of one."""
    protocols: Any = ["companion.v1", served.companion.ticket(user)]
    began = time.monotonic()
    with connect(url, subprotocols=protocols, compression=None) as socket:
        for frame in frames:
            socket.send(frame)
        with pytest.raises(ConnectionClosed) as raised:
            collections.deque(iter(functools.partial(socket.recv, 20), None))
    assert raised.value.rcvd is not None
    return raised.value.rcvd.code, time.monotonic() - began


def test_frames_and_messages_have_their_sizes(text_chat: Served, user: str) -> None:
    url = text_chat.companion.gateway.url
    ping = json.dumps({"action": "ping", "padding": "a" * 32_000})
    assert len(ping) < 32 * 1024
    with text_chat.talker(user) as talker:
        talker.say(ping)
        assert talker.hear()["type"] == "pong"
    assert closed(text_chat, url, user, "a" * (32 * 1024 + 1))[0] == 1009
    assert closed(text_chat, url, user, ["a" * 32_000] * 5)[0] == 1009


def test_an_idle_connection_is_closed_and_a_ping_keeps_it(
    text_chat: Served, user: str, gateway: Callable[..., Gateway]
) -> None:
    url = gateway(idle_seconds=1.5).url
    code, seconds = closed(text_chat, url, user)
    assert (code, seconds >= 1.5) == (1001, True)
    protocols: Any = ["companion.v1", text_chat.companion.ticket(user)]
    with connect(url, subprotocols=protocols, compression=None) as socket:
        for _ in range(4):
            time.sleep(0.7)
            socket.send('{"action": "ping"}')
            assert json.loads(socket.recv(5))["type"] == "pong"


def test_a_connection_ends_when_it_is_as_old_as_it_may_be(
    text_chat: Served, user: str, gateway: Callable[..., Gateway]
) -> None:
    code, seconds = closed(text_chat, gateway(duration_seconds=1).url, user)
    assert (code, seconds >= 1) == (1001, True)


def test_a_frame_that_no_function_answers_is_answered_by_the_gateway(text_chat: Served, user: str) -> None:
    with text_chat.talker(user) as talker:
        text_chat.companion.function("ingest").crash(1)
        talker.say({"action": "ping"})
        assert talker.hear()["message"] == "Internal server error"
        assert kinds(talker.ask("hello"))[-1] == "end"


def test_a_page_of_another_name_gets_nothing(text_chat: Served) -> None:
    request = urllib.request.Request(  # noqa: S310 - the scheme is http
        f"{text_chat.companion.gateway.page_url}ticket?user=ann", headers={"Host": "evil.example"}
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)  # noqa: S310
    assert raised.value.code == 403
    raised.value.close()
