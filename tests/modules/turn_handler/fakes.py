"""What moto has not: models, speech and a vector store that answer as AWS documents it, with requests checked."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

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


class VectorStore:
    """An OpenSearch of one index, over HTTP: a domain, or a serverless collection, as far as the handlers use them."""

    def __init__(self, *, serverless: bool) -> None:
        self.serverless = serverless
        self.documents: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []
        self.status = 0
        self.hidden: set[str] = set()
        # What the store does not get to delete.
        self.stuck: set[str] = set()
        handler = type("Handler", (_Handler,), {"store": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.status:
            return self.status, {"error": "mapper_parsing_exception near 'I am sad'"}
        path, _, query = path.partition("?")
        kind, _, name = path.removeprefix("/memories/").partition("/")
        match method, kind:
            case "POST", "_search":
                found = [(key, self.documents[key]) for key in self._found(body) if key not in self.hidden]
                return 200, {"hits": {"hits": [{"_id": key, "_source": document} for key, document in found]}}
            case "PUT", "_doc" if not self.serverless:
                self.documents[name] = body
                return 201, {"_id": name, "result": "created"}
            case "POST", "_doc":
                key = f"made-{len(self.requests)}"
                self.documents[key] = body
                return 201, {"_id": key, "result": "created"}
            case "DELETE", "_doc":
                if name in self.stuck:
                    return 200, {"result": "deleted"}
                known = self.documents.pop(name, None) is not None
                return (200, {"result": "deleted"}) if known else (404, {"result": "not_found"})
            case "POST", "_count" if not self.serverless:
                return 200, {"count": len(self._found(body))}
            case "POST", "_delete_by_query" if not self.serverless:
                assert "refresh=true" in query
                for key in set(self._found(body)) - self.stuck:
                    del self.documents[key]
                return 200, {"failures": []}
        return 400, {"error": "no such request"}

    def _found(self, body: dict[str, Any]) -> list[str]:
        query = body["query"]
        if "knn" in query:
            clause = query["knn"]["embedding"]
            near = sorted(
                self._matching(clause["filter"]["bool"]["filter"]), key=lambda key: self._distance(key, clause)
            )
            return near[: clause["k"]]
        return self._matching([query] if "term" in query else query["bool"]["filter"])

    def _matching(self, filters: list[dict[str, Any]]) -> list[str]:
        return [key for key, document in self.documents.items() if all(_passes(document, part) for part in filters)]

    def _distance(self, key: str, clause: dict[str, Any]) -> float:
        pairs = zip(self.documents[key]["embedding"], clause["vector"], strict=True)
        return sum((mine - asked) ** 2 for mine, asked in pairs)


def _passes(document: dict[str, Any], part: dict[str, Any]) -> bool:
    if "term" in part:
        return all(document[field] == value for field, value in part["term"].items())
    return all(document[field] > bounds["gt"] for field, bounds in part["range"].items())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: VectorStore

    def _serve(self) -> None:
        payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(payload) if payload else {}
        self.store.requests.append((self.command, self.path, body, dict(self.headers)))
        status, answer = self.store.answer(self.command, self.path, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_DELETE = do_GET = do_POST = do_PUT = _serve  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing: a test's output belongs to the test."""
