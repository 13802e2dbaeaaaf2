"""An OpenSearch index in memory: a domain, or a serverless collection, as far as the handlers use one.

Sources: AWS docs "k-NN search in Amazon OpenSearch Service", "Working with vector search collections"; OpenSearch
docs "Delete by query", "Efficient k-NN filtering".
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from companion_gate.serve.standins.answers import Asked, AwsRefusalError, Given, as_json


class Vectors:
    """One index. What it finds is exact, and at once; the real ones are neither."""

    def __init__(self, index: str, *, serverless: bool) -> None:
        self.index = index
        self.serverless = serverless
        self.documents: dict[str, dict[str, Any]] = {}
        self._made = 0
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Given:
        with self._lock:
            return self._answer(asked)

    def _answer(self, asked: Asked) -> Given:
        index, _, rest = asked.path.partition("/")
        kind, _, name = rest.partition("/")
        if index != self.index:
            raise AwsRefusalError("index_not_found_exception", f"no such index [{index}]", 404)
        body = asked.content()
        match asked.method, kind:
            case "POST", "_search":
                hits = [{"_id": key, "_source": self.documents[key]} for key in self.visible(self._found(body))]
                return as_json({"hits": {"hits": hits[: int(body.get("size", 10))]}})
            case "PUT", "_doc" if not self.serverless:
                self.documents[unquote(name)] = body
                return as_json({"_id": unquote(name), "result": "created"}, 201)
            case "POST", "_doc":
                self._made += 1
                self.documents[f"made-{self._made}"] = body
                return as_json({"_id": f"made-{self._made}", "result": "created"}, 201)
            case "DELETE", "_doc":
                if unquote(name) not in self.documents:
                    return as_json({"result": "not_found"}, 404)
                self.delete(unquote(name))
                return as_json({"result": "deleted"})
            case "POST", "_count" if not self.serverless:
                return as_json({"count": len(list(self._found(body)))})
            case "POST", "_delete_by_query" if not self.serverless:
                found = list(self._found(body))
                for key in found:
                    self.delete(key)
                return as_json({"deleted": len(found), "failures": []})
        raise AwsRefusalError("invalid_request", f"nothing stands in for {asked.method} {kind}", 400)

    def visible(self, keys: list[str]) -> list[str]:
        """Those of the found documents that a search shows: all, where an index is refreshed at once."""
        return keys

    def delete(self, key: str) -> None:
        """Take a document out of the index."""
        del self.documents[key]

    def _found(self, body: dict[str, Any]) -> list[str]:
        query = body["query"]
        if "knn" not in query:
            return list(self._matching([query] if "term" in query else query["bool"]["filter"]))
        clause = query["knn"]["embedding"]
        near = sorted(
            self._matching(clause["filter"]["bool"]["filter"]),
            key=lambda key: _distance(self.documents[key]["embedding"], clause["vector"]),
        )
        return near[: clause["k"]]

    def _matching(self, filters: list[dict[str, Any]]) -> Iterator[str]:
        return (key for key, document in self.documents.items() if all(_passes(document, each) for each in filters))


def _distance(one: list[float], other: list[float]) -> float:
    return sum((mine - theirs) ** 2 for mine, theirs in zip(one, other, strict=True))


def _passes(document: dict[str, Any], part: dict[str, Any]) -> bool:
    if "term" in part:
        return all(document[field] == value for field, value in part["term"].items())
    return all(document[field] > bounds["gt"] for field, bounds in part["range"].items())
