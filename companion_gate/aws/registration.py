"""How a backend adds an action to the server, or answers one in its own words.

moto finds the method for a request by the operation's name on the service's response class; an action registered here
becomes such a method, so moto's parser, router and serializer do the rest from botocore's model of the service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from time import time
from typing import Any

from moto.backends import get_backend
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random

from companion_gate.aws.constraints import violations
from companion_gate.aws.session import isolated_botocore_session, isolated_imports

Answer = Mapping[str, Any] | None


class AwsError(ServiceException):  # type: ignore[misc]
    """An error of the AWS API; `code` is one that the operation documents, so that SDKs type it and know its status."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


class _Tables(BaseBackend):  # type: ignore[misc]
    """State of our backends for one account and region: emptied by the server's reset like every other backend."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tables: dict[str, dict[Any, Any]] = {}


# EC2 is in every region, so its list of regions serves all backends.
_STATE = BackendDict(_Tables, "ec2")


def state(account: str, region: str, table: str) -> dict[Any, Any]:
    """The rows that our backends keep under `table` for an account and region; changes to it are kept."""
    tables: dict[str, dict[Any, Any]] = _STATE[account][region].tables
    return tables.setdefault(table, {})


# moto keeps what is the same in all regions under the partition.
_GLOBAL = frozenset({"cloudfront", "iam"})


@dataclass(frozen=True)
class Call:
    """One request: its parameters in the API's own names, and where it belongs."""

    params: dict[str, Any]
    account: str
    region: str
    partition: str
    response: Any
    original: Callable[[Any], Any] | None
    operation: str

    def table(self, name: str) -> dict[Any, Any]:
        """The rows kept under `name` for this account and region; changes to it are kept."""
        return state(self.account, self.region, name)

    def backend(self, service: str) -> Any:
        """moto's own backend of another service, for this account and region, imported when it is first needed."""
        with isolated_imports():
            return get_backend(service)[self.account][self.partition if service in _GLOBAL else self.region]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def upstream(self) -> dict[str, Any]:
        """What the server answers to this request without us, as a dictionary in the API's own names."""
        if self.original is None:
            raise NotImplementedError("the server has no answer of its own")
        answer = self.original(self.response)
        if isinstance(answer, ActionResult):
            return dict(answer.result or {})
        # Older services of moto answer with a body, or with a status, headers and a body.
        body = answer[2] if isinstance(answer, tuple) else answer
        model = service_model(self.response.boto3_service_name).operation_model(self.operation)
        return dict(_in_api_names(model.output_shape, json.loads(body or "null") or {}))


def _in_api_names(shape: Any, value: Any) -> Any:
    """A body that was read from JSON, with the names of its members in the model instead of those on the wire."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        wire = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        known = {name: each for name, each in value.items() if name in wire}
        return {wire[name][0]: _in_api_names(wire[name][1], each) for name, each in known.items()}
    if shape.type_name == "list":
        return [_in_api_names(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {name: _in_api_names(shape.value, each) for name, each in value.items()}
    return value


Handler = Callable[[Call], Answer]


def route(url_paths: dict[str, Any], response_class: Any, *paths: str) -> None:
    """Add paths (regular expressions) to moto's table of a service, which it reads at the service's first request."""
    for path in paths:
        url_paths.setdefault("{0}" + path, response_class.dispatch)


def action(response_class: Any, operation: str, *, validate: bool = False) -> Callable[[Handler], Handler]:
    """Let the decorated function answer `operation`; it may still ask ``call.upstream()`` for the server's own answer.

    `validate` refuses requests that break the lengths, patterns, ranges and enums of AWS's own model of the operation.
    """
    method_name = camelcase_to_underscores(operation)
    original = getattr(response_class, method_name, None)

    def register(handler: Handler) -> Handler:
        def method(self: Any) -> Any:
            params = _parameters(self)
            if validate:
                _refuse_invalid(self.boto3_service_name, operation, params)
            place = (self.current_account, self.region, self.partition)
            call = Call(params, *place, self, original, operation)
            return ActionResult(dict(handler(call) or {}))

        method.__name__ = method_name
        setattr(response_class, method_name, method)
        return handler

    return register


def _parameters(response: Any) -> dict[str, Any]:
    if not response.automated_parameter_parsing:
        response.parse_parameters(response.normalized_request)
    return {name: value for name, value in dict(response.params).items() if value is not None}


@cache
def service_model(service: str) -> Any:
    """botocore's model of a service, by botocore's name for it."""
    return isolated_botocore_session().get_service_model(service)


def _refuse_invalid(service: str, operation: str, params: Mapping[str, Any]) -> None:
    found = list(violations(service_model(service).operation_model(operation).input_shape, params))
    if found:
        noun = "error" if len(found) == 1 else "errors"
        raise AwsError("ValidationException", f"{len(found)} validation {noun} detected: {'; '.join(found)}")


def pages(rows: Iterable[Any], params: Mapping[str, Any], limit: int) -> tuple[list[Any], str | None]:
    """The page that ``maxResults`` and ``nextToken`` ask for (`limit` rows if unasked), and the next page's token."""
    everything = list(rows)
    token = params.get("nextToken", "0")
    start = int(token) if token.isdecimal() else -1
    if not (start == 0 or 0 < start < len(everything)):
        raise AwsError("ValidationException", f"The nextToken {token!r} is not valid")
    end = start + int(params.get("maxResults") or limit)
    return everything[start:end], str(end) if end < len(everything) else None


def random_id(length: int) -> str:
    """An identifier of lower-case letters and digits."""
    return str(mock_random.get_random_string(length, lower_case=True))


def now() -> float:
    """Seconds since the epoch, which the serializer turns into each service's own form of a timestamp."""
    return time()


def now_ms() -> int:
    """Milliseconds since the epoch, for the services whose dates are plain numbers."""
    return int(time() * 1000)


def kept(mapping: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The entries of `mapping` under `names`, without those that are absent."""
    return {name: mapping[name] for name in names if mapping.get(name) is not None}


def duplicates(values: Iterable[str]) -> Iterator[str]:
    """Each value that was seen before."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)
