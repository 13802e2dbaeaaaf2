"""What a stand-in is asked and answers, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Asked:
    """A request; ``path`` has neither the stand-in's own prefix nor a query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""

    def content(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one is {}."""
        content = json.loads(self.body or b"{}")
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class Given:
    """A response; a body that is no bytes is sent piece by piece, as it comes."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn(Protocol):
    """Answers for one service. Raises AwsRefusalError for what AWS would refuse."""

    def answer(self, asked: Asked) -> Given: ...


class AwsRefusalError(Exception):
    """An error of the AWS API: the code that SDKs type it by, and its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def given(self) -> Given:
        """As a service with a JSON protocol says it."""
        return as_json({"message": str(self)}, self.status, {"x-amzn-ErrorType": self.code})


def as_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Given:
    """A response whose body is JSON."""
    return Given(status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})})
