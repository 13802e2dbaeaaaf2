"""What happens to a connection and to a frame: who is asked, and what the client is told when nobody answered."""

from __future__ import annotations

import fnmatch
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion_gate.serve.deployed import Api, Authorizer, Route
from companion_gate.serve.functions.pool import Invocation, ThrottledError
from companion_gate.serve.gateway import events
from companion_gate.serve.gateway.events import Client
from companion_gate.serve.gateway.throttle import TokenBucket
from companion_gate.serve.metrics import Metrics
from companion_gate.serve.times import ServiceTimes

Invoke = Callable[[str, Any], Invocation]
_SELECTION = "$request.body."
_INVOKE = "execute-api:Invoke"


@dataclass(frozen=True)
class Opened:
    """What a client that asks for a connection gets: a status other than 200 refuses it."""

    status: int
    subprotocol: str | None = None


class Router:
    """An API's routes; ``invoke`` calls a function by name and waits. Threads may share it."""

    def __init__(self, api: Api, invoke: Invoke, metrics: Metrics, times: ServiceTimes) -> None:
        self.api = api
        self._invoke = invoke
        self._metrics = metrics
        self._times = times
        self._buckets = {key: TokenBucket(route.throttle) for key, route in api.routes.items()}

    def connect(self, client: Client, headers: Mapping[str, str]) -> Opened:
        """Ask the authorizer and the route $connect."""
        route = self.api.routes.get("$connect")
        if route is None:
            return Opened(200)
        if not self._buckets["$connect"].take():
            self._count("ClientError")
            return Opened(429)
        self._count("ConnectCount")
        if route.authorizer is not None:
            status = self._authorize(route.authorizer, client, headers)
            if status != 200:
                self._count("ClientError" if status < 500 else "ExecutionError")
                return Opened(status)
        status, payload = self._call(route, events.connection(self.api, client, headers))
        named = {name.lower(): value for name, value in (payload.get("headers") or {}).items()}
        return Opened(status, named.get("sec-websocket-protocol"))

    def disconnect(self, client: Client) -> None:
        """Tell the route $disconnect; API Gateway does its best, and nobody waits for it."""
        route = self.api.routes.get("$disconnect")
        if route is not None:
            self._call(route, events.disconnection(self.api, client))

    def message(self, client: Client, body: str | bytes) -> str | None:
        """Hand a frame to its route; what API Gateway itself has to tell the client, if anything."""
        self._count("MessageCount")
        route = self.api.routes.get(self._key(body)) or self.api.routes.get("$default")
        request = events.random_id()
        if route is None:
            self._count("ClientError")
            return events.own_words("Forbidden", client, request)
        if not self._buckets[route.key].take():
            self._count("ClientError")
            return events.own_words("Too Many Requests", client, request)
        time.sleep(self._times.sample("edge"))
        event = events.message(self.api, client, route.key, body)
        status, _ = self._call(route, event)
        if status < 400:
            return None
        words = "Forbidden" if status in (401, 403) else "Internal server error"
        return events.own_words(words, client, event["requestContext"]["requestId"])

    def _key(self, body: str | bytes) -> str:
        """The route that a frame selects; "" where it selects none."""
        if isinstance(body, bytes) or not self.api.selection.startswith(_SELECTION):
            return ""
        try:
            value: Any = json.loads(body)
        except (ValueError, RecursionError):
            return ""
        for name in self.api.selection.removeprefix(_SELECTION).split("."):
            value = value.get(name) if isinstance(value, dict) else None
        # The routes for connections are API Gateway's own to choose.
        return value if isinstance(value, str) and not value.startswith("$") else ""

    def _authorize(self, authorizer: Authorizer, client: Client, headers: Mapping[str, str]) -> int:
        lower = {name.lower(): value for name, value in headers.items()}
        if any(not lower.get(name.lower()) for name in authorizer.headers):
            return 401
        try:
            done = self._invoke(authorizer.function, events.authorization(self.api, client, headers))
        except ThrottledError:
            return 500
        if done.error is not None:
            return 401 if done.error.get("errorMessage") == "Unauthorized" else 500
        if not isinstance(done.payload, dict) or not _allows(done.payload, events.method_arn(self.api)):
            return 403
        client.identity = {
            **(done.payload.get("context") or {}),
            "principalId": done.payload.get("principalId"),
            "integrationLatency": round(done.seconds * 1000),
        }
        return 200

    def _call(self, route: Route, event: Any) -> tuple[int, dict[str, Any]]:
        """Status and answer of a route's function."""
        try:
            done = self._invoke(route.function, event)
        except ThrottledError:
            self._count("IntegrationError")
            return 500, {}
        self._metrics.add("AWS/ApiGateway", "IntegrationLatency", self._dimensions, done.seconds * 1000)
        if done.error is not None or done.seconds > route.timeout:
            self._count("IntegrationError")
            return 500, {}
        payload = done.payload if isinstance(done.payload, dict) else {}
        status = payload.get("statusCode")
        if not isinstance(status, int):
            self._count("ExecutionError")
            return 500, {}
        if status >= 500:
            self._count("IntegrationError")
        return status, payload

    @property
    def _dimensions(self) -> Mapping[str, str]:
        return {"ApiId": self.api.id, "Stage": self.api.stage}

    def _count(self, metric: str) -> None:
        self._metrics.add("AWS/ApiGateway", metric, self._dimensions, 1)


def _allows(policy: Mapping[str, Any], arn: str) -> bool:
    """Whether an authorizer's policy lets a client in: something allows it, and nothing denies it."""
    statements = policy.get("policyDocument", {}).get("Statement", [])
    effects = {
        each.get("Effect")
        for each in statements
        if _matches(_INVOKE, each.get("Action", [])) and _matches(arn, each.get("Resource", []))
    }
    return "Allow" in effects and "Deny" not in effects


def _matches(value: str, patterns: str | Sequence[str]) -> bool:
    """Whether a value is one of a statement's; IAM lets a single one stand without its list."""
    return any(fnmatch.fnmatchcase(value, each) for each in ([patterns] if isinstance(patterns, str) else patterns))
