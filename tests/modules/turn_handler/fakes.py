"""What moto has not: models, speech and a vector store that answer as AWS documents it, with requests checked."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from companion_gate.serve.standins.answers import Asked, Given, as_json
from companion_gate.serve.standins.server import StandInServer
from companion_gate.serve.standins.vectors import Vectors

REFERRAL = "If you are thinking about hurting yourself, call or text 988."
BLOCKED_MESSAGE = f"I can't talk about that. {REFERRAL}"


@cache
def _inputs(service: str) -> dict[str, Any]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): model.operation_model(name).input_shape for name in model.operation_names}


class FakeClient:
    """A client of a service whose answers are given; what it is asked is kept, and must be what botocore would send."""

    def __init__(self, service: str, **answers: Callable[[dict[str, Any]], Any]) -> None:
        self._inputs = _inputs(service)
        self._answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method not in self._inputs:
            raise AttributeError(method)

        def call(**parameters: Any) -> Any:
            validate_parameters(parameters, self._inputs[method])
            self.calls.append((method, parameters))
            return self._answers[method](parameters)

        return call

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method."""
        return [parameters for name, parameters in self.calls if name == method]


class Stream:
    """An event stream: gives the events, runs what is callable among them, and knows whether it was closed."""

    def __init__(self, events: Sequence[Any]) -> None:
        self._events = events
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[Any]:
        for event in self._events:
            if callable(event):
                event()
            else:
                yield event

    def close(self) -> None:
        self.closed.set()


def aws_error(code: str, operation: str = "Operation", status: int = 400) -> ClientError:
    """An error as botocore raises it."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "secret message"}, "ResponseMetadata": metadata}, operation)


def said(*texts: str, stop: str = "end_turn", trace: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The events of a ConverseStream (AWS API reference: ConverseStreamOutput)."""
    return [
        {"messageStart": {"role": "assistant"}},
        *({"contentBlockDelta": {"delta": {"text": text}, "contentBlockIndex": 0}} for text in texts),
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": stop}},
        {"metadata": {"usage": {}, "metrics": {}, **({"trace": {"guardrail": trace}} if trace else {})}},
    ]


def refused(side: str, policy: dict[str, Any]) -> dict[str, Any]:
    """A guardrail's trace: side is "input" or "output"."""
    return {"inputAssessment": {"gr": policy}} if side == "input" else {"outputAssessments": {"gr": [policy]}}


SELF_HARM = {"topicPolicy": {"topics": [{"name": "self-harm", "type": "DENY", "action": "BLOCKED"}]}}
MASKED = {"sensitiveInformationPolicy": {"piiEntities": [{"type": "EMAIL", "match": "a@b.c", "action": "ANONYMIZED"}]}}


def embedding_of(text: str) -> list[float]:
    """A vector that depends on the text's first word, so that texts that begin alike are near."""
    first = sum(text.split()[0].lower().encode()) % 97
    return [3.0, float(first), 4.0, 0.0]


def embeddings(parameters: dict[str, Any]) -> dict[str, Any]:
    """Titan's answer."""
    return {
        "body": io.BytesIO(
            json.dumps({"embedding": embedding_of(json.loads(parameters["body"])["inputText"])}).encode()
        )
    }


class VectorStore(Vectors):
    """The stand-in for OpenSearch, over HTTP, which can be broken, and whose requests are kept."""

    def __init__(self, *, serverless: bool) -> None:
        super().__init__("memories", serverless=serverless)
        self.requests: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []
        self.status = 0
        # What a search does not show yet, and what the store does not get to delete.
        self.hidden: set[str] = set()
        self.stuck: set[str] = set()
        self._server = StandInServer({"vectors": self})
        self.endpoint = self._server.url("vectors")

    def close(self) -> None:
        self._server.close()

    def answer(self, asked: Asked) -> Given:
        path = f"/{asked.path}" + (f"?{asked.query}" if asked.query else "")
        self.requests.append((asked.method, path, asked.content(), dict(asked.headers)))
        if self.status:
            return as_json({"error": "mapper_parsing_exception near 'I am sad'"}, self.status)
        if asked.path.endswith("_delete_by_query"):
            assert "refresh=true" in asked.query
        return super().answer(asked)

    def visible(self, keys: list[str]) -> list[str]:
        return [key for key in keys if key not in self.hidden]

    def delete(self, key: str) -> None:
        if key not in self.stuck:
            super().delete(key)
