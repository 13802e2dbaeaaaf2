"""Who is let in, which function a frame goes to, and what a client is told when nobody answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from companion_gate.serve.deployed import Api, Authorizer, Route, Throttle
from companion_gate.serve.functions.pool import Invocation, ThrottledError
from companion_gate.serve.gateway.events import Client
from companion_gate.serve.gateway.routes import Opened, Router
from companion_gate.serve.metrics import Metrics
from companion_gate.serve.times import ServiceTimes

ARN = "arn:aws:execute-api:eu-central-1:111122223333:abc/live/$connect"
ALLOWED = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}
WIDE = Throttle(1000, 1000)
TICKET = {"Sec-WebSocket-Protocol": "companion.v1, ticket"}
Answers = Mapping[str, Any]


def route(key: str, function: str, authorizer: Authorizer | None = None) -> Route:
    return Route(key, function, 29, WIDE, authorizer)


API = Api(
    "abc",
    "eu-central-1",
    "111122223333",
    "live",
    "$request.body.action",
    {
        "$connect": route("$connect", "connection", Authorizer("authorizer", ("Sec-WebSocket-Protocol",))),
        "$default": route("$default", "default"),
        "send": route("send", "ingest"),
    },
)


class Functions:
    """Functions whose answers are given; an exception is raised, and a text is the message of an error."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, name: str, event: Any) -> Invocation:
        self.asked.append((name, event))
        answer = self._answers[name]
        if isinstance(answer, type):
            raise answer
        error = {"errorType": "Exception", "errorMessage": answer} if isinstance(answer, str) else None
        return Invocation(name, "id", 0, 0, False, None if error else answer, error, (), (), 0)


def policy(*statements: Any) -> dict[str, Any]:
    return {"principalId": "p", "policyDocument": {"Statement": list(statements)}, "context": {"user_id": "ann"}}


def opened(authorizer: Any, connection: Any = None, headers: Mapping[str, str] = TICKET) -> tuple[Opened, Functions]:
    functions = Functions({"authorizer": authorizer, "connection": connection or {"statusCode": 200}})
    return Router(API, functions, Metrics(), ServiceTimes()).connect(Client("127.0.0.1"), headers), functions


def test_who_is_allowed_is_connected_under_the_name_that_the_authorizer_gave() -> None:
    answer = {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "companion.v1"}}
    result, functions = opened(policy(ALLOWED), answer)
    assert result == Opened(200, "companion.v1")
    (_, asked), (_, connected) = functions.asked
    assert asked["methodArn"] == ARN
    assert asked["headers"] == TICKET
    assert connected["requestContext"]["authorizer"]["user_id"] == "ann"


@pytest.mark.parametrize(
    ("authorizer", "status"),
    [
        (policy(), 403),
        (policy({**ALLOWED, "Effect": "Deny"}), 403),
        (policy(ALLOWED, {**ALLOWED, "Effect": "Deny", "Resource": "*"}), 403),
        (policy({**ALLOWED, "Resource": ARN.replace("abc", "other")}), 403),
        (policy({**ALLOWED, "Action": "s3:GetObject"}), 403),
        (policy({"Effect": "Allow", "Resource": ARN}), 403),
        ({}, 403),
        (None, 403),
        ("Unauthorized", 401),
        ("anything else", 500),
        (ThrottledError, 500),
    ],
)
def test_who_is_not_allowed_gets_nowhere(authorizer: Any, status: int) -> None:
    result, functions = opened(authorizer)
    assert result.status == status
    assert [name for name, _ in functions.asked] == ["authorizer"]


@pytest.mark.parametrize("action", ["execute-api:Invoke", "execute-api:*", ["s3:GetObject", "execute-api:Invoke"], "*"])
def test_a_policy_may_allow_in_several_forms(action: Any) -> None:
    assert opened(policy({**ALLOWED, "Action": action, "Resource": [ARN.replace("$connect", "*")]}))[0].status == 200


def test_who_shows_nothing_is_refused_and_nobody_is_asked() -> None:
    result, functions = opened(policy(ALLOWED), headers={"Other": "header"})
    assert (result.status, functions.asked) == (401, [])


@pytest.mark.parametrize(
    "connection", ["broken", {"statusCode": 500}, {"statusCode": 401}, {"nothing": 1}, ThrottledError]
)
def test_a_connection_that_is_not_kept_is_refused(connection: Any) -> None:
    assert opened(policy(ALLOWED), connection)[0].status >= 400


def told(body: str | bytes, answers: Answers, api: Api = API) -> tuple[str | None, list[str]]:
    """What the gateway itself tells a client, and the functions that were asked."""
    functions = Functions(answers)
    words = Router(api, functions, Metrics(), ServiceTimes()).message(Client("127.0.0.1"), body)
    return json.loads(words)["message"] if words else None, [name for name, _ in functions.asked]


@pytest.mark.parametrize(
    ("body", "function"),
    [
        ('{"action": "send"}', "ingest"),
        ('{"action": "sing"}', "default"),
        ('{"action": ["send"]}', "default"),
        ('{"action": "$connect"}', "default"),
        ("[1]", "default"),
        ("no json", "default"),
        ("[" * 100_000, "default"),
        (b"\x00", "default"),
    ],
)
def test_a_frame_goes_to_the_route_that_it_names(body: str | bytes, function: str) -> None:
    assert told(body, {"ingest": {"statusCode": 200}, "default": {"statusCode": 200}}) == (None, [function])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("broken", "Internal server error"),
        ({"statusCode": 500}, "Internal server error"),
        ({"statusCode": "200"}, "Internal server error"),
        ({}, "Internal server error"),
        (None, "Internal server error"),
        (ThrottledError, "Internal server error"),
        ({"statusCode": 401}, "Forbidden"),
    ],
)
def test_a_client_is_told_when_no_function_answered(answer: Any, words: str) -> None:
    assert told('{"action": "send"}', {"ingest": answer}) == (words, ["ingest"])


def test_a_frame_without_a_route_is_forbidden() -> None:
    api = replace(API, routes={key: each for key, each in API.routes.items() if key != "$default"})
    assert told('{"action": "sing"}', {}, api) == ("Forbidden", [])


def test_a_throttled_frame_reaches_no_function() -> None:
    api = replace(API, routes={"send": replace(API.routes["send"], throttle=Throttle(0, 0))})
    assert told('{"action": "send"}', {}, api) == ("Too Many Requests", [])


def test_metrics_are_counted_as_cloudwatch_names_them() -> None:
    metrics = Metrics()
    router = Router(API, Functions({"ingest": "broken"}), metrics, ServiceTimes())
    router.message(Client("127.0.0.1"), '{"action": "send"}')
    assert metrics.total("AWS/ApiGateway", "MessageCount") == 1
    assert metrics.total("AWS/ApiGateway", "IntegrationError") == 1
