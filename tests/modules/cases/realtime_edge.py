"""Inputs of modules/realtime-edge."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES, LOG_CASES

_LAMBDA = "arn:aws:lambda:eu-central-1:111122223333:function:companion-test-"
_CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"


def function(name: str) -> dict[str, str]:
    """What turn-handler says of a function."""
    path = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions"
    return {"function_arn": f"{_LAMBDA}{name}", "invoke_arn": f"{path}/{_LAMBDA}{name}/invocations"}


def throttled(rate: float, burst: float) -> dict[str, float]:
    """A throttle."""
    return {"rate_per_second": rate, "burst": burst}


ROUTES: dict[str, Any] = {
    "$connect": function("connection"),
    "$disconnect": function("connection"),
    "$default": function("ingest"),
    "send": {**function("ingest"), "throttle": throttled(20, 100)},
}

BASE: dict[str, Any] = {
    **ALARMED,
    "authorizer": function("authorizer"),
    "routes": ROUTES,
    "throttle": throttled(50, 100),
}


def _routes(**changes: Any) -> dict[str, Any]:
    return {"routes": {**ROUTES, **changes}}


def _without(key: str) -> dict[str, Any]:
    return {"routes": {name: route for name, route in ROUTES.items() if name != key}}


def _send(**changes: Any) -> dict[str, Any]:
    return _routes(send={**function("ingest"), **changes})


def _domain(**changes: Any) -> dict[str, Any]:
    return {"domain": {"name": "chat.example.com", "certificate_arn": _CERTIFICATE, **changes}}


_CONNECT_AT_600 = {**function("connection"), "throttle": throttled(600, 100)}

SUITE = Suite(
    BASE,
    (
        *IDENTITY_CASES,
        *ALARM_CASES,
        *LOG_CASES,
        Case(
            "authorizer_by_name", {"authorizer": {**function("a"), "function_arn": "a"}}, "authorizer.function_arn must"
        ),
        Case(
            "authorizer_by_alias",
            {"authorizer": {**function("a"), "function_arn": f"{_LAMBDA}a:live"}},
            "authorizer.function_arn must",
        ),
        Case(
            "authorizer_invokes_another",
            {"authorizer": {**function("a"), "invoke_arn": function("b")["invoke_arn"]}},
            "authorizer.invoke_arn must",
        ),
        Case(
            "authorizer_invokes_a_longer_name",
            {"authorizer": {**function("a"), "invoke_arn": function("ab")["invoke_arn"]}},
            "authorizer.invoke_arn must",
        ),
        Case("nobody_admitted", _without("$connect"), "routes must hold $connect, $disconnect and $default"),
        Case("nobody_forgotten", _without("$disconnect"), "routes must hold $connect, $disconnect and $default"),
        Case("unknown_unanswered", _without("$default"), "routes must hold $connect, $disconnect and $default"),
        Case("nothing_to_say", _without("send"), "routes must hold at least one action"),
        Case("route_of_any_case", _routes(**{"voice-Token_2": function("ingest")})),
        Case("route_longest", _routes(**{"a" * 50: function("ingest")})),
        Case("route_too_long", _routes(**{"a" * 51: function("ingest")}), "routes must be keyed by"),
        Case("route_reserved", _routes(**{"$send": function("ingest")}), "routes must be keyed by"),
        Case("route_of_http", _routes(**{"GET /send": function("ingest")}), "routes must be keyed by"),
        Case("route_wildcard", _routes(**{"*": function("ingest")}), "routes must be keyed by"),
        Case("routes_most", _routes(**{f"a{n}": function("ingest") for n in range(26)})),
        Case("routes_too_many", _routes(**{f"a{n}": function("ingest") for n in range(27)}), "at most 30 routes"),
        Case("route_to_an_alias", _send(function_arn=f"{_LAMBDA}ingest:live"), "routes must give each function_arn"),
        Case(
            "route_invokes_another",
            _send(invoke_arn=function("worker")["invoke_arn"]),
            "routes must give each invoke_arn",
        ),
        Case("route_slowest", _send(throttle=throttled(1, 1))),
        Case("route_closed", _send(throttle=throttled(0, 10)), "routes must throttle to"),
        Case("route_without_burst", _send(throttle=throttled(10, 0)), "routes must throttle to"),
        Case("route_half_a_burst", _send(throttle=throttled(10, 1.5)), "routes must throttle to"),
        Case("route_above_quota", _send(throttle=throttled(10001, 10)), "routes must throttle to"),
        Case("route_burst_above_quota", _send(throttle=throttled(10, 5001)), "routes must throttle to"),
        Case("stage_fastest", {"throttle": throttled(10000, 5000), "connections_per_second_quota": 10000}),
        Case("stage_closed", {"throttle": throttled(0, 10)}, "throttle must be a rate_per_second"),
        Case("stage_without_burst", {"throttle": throttled(10, 0)}, "throttle must be a rate_per_second"),
        Case("stage_half_a_burst", {"throttle": throttled(10, 2.5)}, "throttle must be a rate_per_second"),
        Case("stage_above_quota", {"throttle": throttled(10001, 10)}, "throttle must be a rate_per_second"),
        Case("stage_burst_above_quota", {"throttle": throttled(10, 5001)}, "throttle must be a rate_per_second"),
        Case("connects_at_quota", {"throttle": throttled(500, 100)}),
        Case("connects_above_quota", {"throttle": throttled(501, 100)}, "routes must throttle $connect"),
        Case("connect_route_above_quota", _routes(**{"$connect": _CONNECT_AT_600}), "routes must throttle $connect"),
        Case("quota_raised", {**_routes(**{"$connect": _CONNECT_AT_600}), "connections_per_second_quota": 600}),
        Case(
            "only_messages_above_quota",
            {
                **_routes(**{"$connect": {**function("connection"), "throttle": throttled(500, 500)}}),
                "throttle": throttled(2000, 1000),
            },
        ),
        Case("quota_of_nothing", {"connections_per_second_quota": 0}, "connections_per_second_quota must be"),
        Case("quota_and_a_half", {"connections_per_second_quota": 500.5}, "connections_per_second_quota must be"),
        Case("latency_never_reached", {"latency_alarm_ms": 29001}, "latency_alarm_ms must be"),
        Case("latency_always_reached", {"latency_alarm_ms": 99}, "latency_alarm_ms must be"),
        Case("domain", _domain()),
        Case("domain_wildcard", _domain(name="*.example.com"), "domain.name must be"),
        Case("domain_with_scheme", _domain(name="wss://chat.example.com"), "domain.name must be"),
        Case("domain_upper_case", _domain(name="Chat.example.com"), "domain.name must be"),
        Case("domain_too_long", _domain(name="a." * 125 + "comm"), "domain.name must be"),
        Case(
            "domain_certificate_of_iam",
            _domain(certificate_arn="arn:aws:iam::111122223333:server-certificate/chat"),
            "domain.certificate_arn must be the ARN",
        ),
        Case(
            "domain_certificate_of_cloudfront",
            _domain(certificate_arn=_CERTIFICATE.replace("eu-central-1", "us-east-1")),
            "domain.certificate_arn must be in the region",
        ),
    ),
)
