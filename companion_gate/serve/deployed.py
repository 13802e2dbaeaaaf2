"""What was deployed, as far as serving it needs: read from Terraform's state, so that it is what was planned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError

Resources = Mapping[str, Sequence[Mapping[str, Any]]]
_FUNCTION_ARN = re.compile(r"arn:[^:]+:lambda:[^:]+:\d{12}:function:([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Throttle:
    """A token bucket: ``rate`` a second, at most ``burst`` at once."""

    rate: float
    burst: int


@dataclass(frozen=True)
class Function:
    """A Lambda function; ``reserved`` is its concurrency, None where it shares the account's."""

    name: str
    arn: str
    handler: str
    timeout: float
    memory_mb: int
    reserved: int | None
    package: Path
    environment: Mapping[str, str]

    @property
    def key(self) -> str:
        """The handler's module, such as "worker"."""
        return self.handler.rpartition(".")[0].rpartition(".")[2]


@dataclass(frozen=True)
class Route:
    """A route of the API; ``timeout`` is its integration's, in seconds."""

    key: str
    function: str
    timeout: float
    throttle: Throttle
    authorizer: Authorizer | None


@dataclass(frozen=True)
class Authorizer:
    """Who lets a client in; ``headers`` must be there before anybody is asked."""

    function: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Api:
    """A WebSocket API with one stage."""

    id: str
    region: str
    account: str
    stage: str
    selection: str
    routes: Mapping[str, Route]

    @property
    def domain(self) -> str:
        """The host that clients connect to at AWS."""
        return f"{self.id}.execute-api.{self.region}.amazonaws.com"


@dataclass(frozen=True)
class EventSource:
    """An event source mapping. ``pattern`` is the event name that a stream's record must have, None: any; ``retries``
    is how often a batch of a stream is tried again, None: until it is too old."""

    source_arn: str
    function: str
    batch_size: int
    concurrency: int
    reports_failures: bool
    retries: int | None
    pattern: str | None

    @property
    def service(self) -> str:
        """Where it reads from: "sqs" or "dynamodb"."""
        return self.source_arn.split(":")[2]


@dataclass(frozen=True)
class Deployed:
    """A companion's parts."""

    api: Api
    functions: Mapping[str, Function]
    mappings: Sequence[EventSource]
    queues: Mapping[str, str]
    """URL by ARN."""
    alarms: Sequence[Mapping[str, Any]]
    """Alarms with the arguments of Terraform's resource."""


def read(resources: Resources, root: Path) -> Deployed:
    """The parts of an applied root; ``root`` is where Terraform ran. Raises GateError where it cannot be served."""
    deployed = Deployed(
        api=_api(resources),
        functions={each["function_name"]: _function(each, root) for each in resources.get("aws_lambda_function", ())},
        mappings=[_mapping(each) for each in resources.get("aws_lambda_event_source_mapping", ())],
        queues={each["arn"]: each["url"] for each in resources.get("aws_sqs_queue", ())},
        alarms=list(resources.get("aws_cloudwatch_metric_alarm", ())),
    )
    _refuse_strangers(deployed)
    return deployed


def _refuse_strangers(deployed: Deployed) -> None:
    """What is called or read from must be deployed by the same root, or there is nothing of it here."""
    routes = deployed.api.routes.values()
    called = {each.function for each in routes} | {each.function for each in deployed.mappings}
    called |= {each.authorizer.function for each in routes if each.authorizer}
    if missing := sorted(called - deployed.functions.keys()):
        raise GateError(f"function {missing[0]} is called, and this root does not deploy it: serve one that does")
    for each in deployed.mappings:
        if each.service not in ("dynamodb", "sqs"):
            raise GateError(f"nothing reads from {each.source_arn} here: only queues and streams of tables are read")
        if each.service == "sqs" and each.source_arn not in deployed.queues:
            raise GateError(f"the queue {each.source_arn} is read from, and this root does not deploy it")


def _function(attributes: Mapping[str, Any], root: Path) -> Function:
    name, runtime = attributes["function_name"], str(attributes["runtime"])
    if not runtime.startswith("python"):
        raise GateError(f"function {name} runs on {runtime or 'an image'}: only functions in Python can be served here")
    if not attributes["filename"]:
        raise GateError(f"function {name} has its package in S3: only one that is a file can be served here")
    reserved = int(attributes["reserved_concurrent_executions"])
    variables = attributes["environment"][0]["variables"] if attributes["environment"] else {}
    return Function(
        name=name,
        arn=attributes["arn"],
        handler=attributes["handler"],
        timeout=float(attributes["timeout"]),
        memory_mb=int(attributes["memory_size"]),
        reserved=None if reserved < 0 else reserved,
        package=(root / attributes["filename"]).resolve(),
        environment=dict(variables or {}),
    )


def _api(resources: Resources) -> Api:
    apis = [each for each in resources.get("aws_apigatewayv2_api", ()) if each["protocol_type"] == "WEBSOCKET"]
    stages = list(resources.get("aws_apigatewayv2_stage", ()))
    if len(apis) != 1 or len(stages) != 1:
        raise GateError(
            f"{len(apis)} WebSocket APIs with {len(stages)} stages are deployed: one companion has one of each; serve "
            "a root that calls modules/companion once"
        )
    (api,), (stage,) = apis, stages
    integrations = {f"integrations/{each['id']}": each for each in resources.get("aws_apigatewayv2_integration", ())}
    authorizers = {each["id"]: _authorizer(each) for each in resources.get("aws_apigatewayv2_authorizer", ())}
    default = _throttle(stage["default_route_settings"][0])
    throttles = {each["route_key"]: _throttle(each) for each in stage["route_settings"]}
    routes = {}
    for each in resources.get("aws_apigatewayv2_route", ()):
        key, integration = each["route_key"], integrations[each["target"]]
        routes[key] = Route(
            key,
            _function_name(integration["integration_uri"]),
            integration["timeout_milliseconds"] / 1000,
            throttles.get(key, default),
            authorizers[each["authorizer_id"]] if each["authorization_type"] == "CUSTOM" else None,
        )
    _, _, _, region, account, _ = api["execution_arn"].split(":")
    return Api(api["id"], region, account, stage["name"], api["route_selection_expression"], routes)


def _authorizer(attributes: Mapping[str, Any]) -> Authorizer:
    prefix = "route.request.header."
    sources = list(attributes["identity_sources"] or ())
    if odd := [each for each in sources if not each.startswith(prefix)]:
        raise GateError(f"the authorizer's identity source {odd[0]} is no header, and only headers are looked at here")
    headers = tuple(each.removeprefix(prefix) for each in sources)
    return Authorizer(_function_name(attributes["authorizer_uri"]), headers)


def _throttle(settings: Mapping[str, Any]) -> Throttle:
    return Throttle(float(settings["throttling_rate_limit"] or 0), int(settings["throttling_burst_limit"] or 0))


def _mapping(attributes: Mapping[str, Any]) -> EventSource:
    scaling = attributes["scaling_config"]
    patterns = [each["pattern"] for criteria in attributes["filter_criteria"] or () for each in criteria["filter"]]
    retries = attributes["maximum_retry_attempts"]
    names = [name for pattern in patterns for name in re.findall(r'"eventName":\s*\["(\w+)"\]', pattern)]
    if len(patterns) > 1 or len(names) != len(patterns):
        raise GateError(f"the filter {patterns[0]} of a mapping is no eventName, and cannot be followed")
    return EventSource(
        source_arn=attributes["event_source_arn"],
        function=_function_name(attributes["function_name"]),
        batch_size=int(attributes["batch_size"]),
        concurrency=int(scaling[0]["maximum_concurrency"]) if scaling else 1,
        reports_failures="ReportBatchItemFailures" in (attributes["function_response_types"] or ()),
        retries=None if retries is None or retries < 0 else int(retries),
        pattern=names[0] if names else None,
    )


def _function_name(arn: str) -> str:
    found = _FUNCTION_ARN.search(arn)
    if found is None:
        raise GateError(f"{arn} names no Lambda function: nothing else can be served here")
    return found[1]
