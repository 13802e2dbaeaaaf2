"""Recall by meaning, on a domain and on a serverless collection."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import forget, opensearch, ulid, worker

from companion_gate.serve.standins.answers import Asked, Given

from . import events, fakes
from .conftest import Companion

Bedrock = Callable[..., fakes.FakeClient]
DAY = 86400


def answer(**changes: Any) -> None:
    assert worker.handler(events.sqs(events.turn(**changes)), events.Context()) == {"batchItemFailures": []}


def keep(companion: Companion, store: fakes.VectorStore, text: str, **changes: Any) -> str:
    """A memory of another conversation, with its vector."""
    memory_id = ulid.new()
    known = {"user_id": events.USER, "memory_id": memory_id, "expires_at": int(time.time()) + DAY, **changes}
    companion.put("memory", **known, kind="turn", conversation_id="long-ago", role="user", text=text)
    key = f"made-{memory_id}" if store.serverless else memory_id
    store.documents[key] = {**known, "embedding": fakes.embedding_of(text)}
    return memory_id


def told(model: fakes.FakeClient) -> str:
    """What the model was told besides the new message."""
    parts = model.asked("converse_stream")[-1]["messages"][-1]["content"]
    return "" if len(parts) == 1 else str(parts[0]["text"])


def test_what_was_said_becomes_findable_and_nothing_else_of_it(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore
) -> None:
    bedrock(fakes.said("Yes."))
    answer()
    asked = min(companion.items("memory"), key=lambda item: str(item["memory_id"]["S"]))
    ((key, document),) = store.documents.items()
    embedding = document.pop("embedding")
    assert document == {
        "user_id": events.USER,
        "memory_id": asked["memory_id"]["S"],
        "expires_at": int(asked["expires_at"]["N"]),
    }
    assert (key == asked["memory_id"]["S"]) is not store.serverless
    expected = fakes.embedding_of(events.TEXT)
    length = sum(value**2 for value in expected) ** 0.5 if store.serverless else 1
    assert embedding == pytest.approx([value / length for value in expected])


def test_companion_recalls_what_fits(companion: Companion, bedrock: Bedrock, store: fakes.VectorStore) -> None:
    keep(companion, store, "Hello I have a cat that is called Mimi")
    keep(companion, store, "Hello from somebody else", user_id="somebody-else")
    keep(companion, store, "Hello from the past", expires_at=int(time.time()) - 1)
    model = bedrock(fakes.said("Yes."))
    answer()
    lines = told(model).splitlines()
    assert lines[1:] == ["- Hello I have a cat that is called Mimi"]


def test_search_filters_inside_the_knn_clause_and_is_signed(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore
) -> None:
    bedrock(fakes.said("Yes."))
    answer()
    method, path, body, headers = store.requests[0]
    assert (method, path) == ("POST", "/memories/_search")
    clause = body["query"]["knn"]["embedding"]
    now, after = clause["filter"]["bool"]["filter"][1]["range"]["expires_at"]["gt"], time.time()
    assert clause["filter"]["bool"]["filter"][0] == {"term": {"user_id": events.USER}}
    assert after - 30 < now <= after
    assert clause["k"] == body["size"] == 5
    service = "aoss" if store.serverless else "es"
    assert f"/{events.REGION}/{service}/aws4_request" in headers["Authorization"]
    assert "x-amz-content-sha256" in headers["Authorization"]
    assert "content-length" not in headers["Authorization"]


def test_recent_words_are_not_told_twice(companion: Companion, bedrock: Bedrock, store: fakes.VectorStore) -> None:
    model = bedrock(fakes.said("Yes."))
    answer()
    answer(turn_id="turn-2", text="Hello again")
    assert told(model) == ""


def test_vector_whose_memory_is_gone_is_not_told(
    companion: Companion, bedrock: Bedrock, domain: fakes.VectorStore
) -> None:
    memory_id = keep(companion, domain, "Hello I was deleted")
    key = {"user_id": {"S": events.USER}, "memory_id": {"S": memory_id}}
    companion.dynamodb.delete_item(TableName="companion-test-memory", Key=key)
    model = bedrock(fakes.said("Yes."))
    answer()
    assert told(model) == ""


def test_memory_that_expired_is_not_told_even_when_the_store_still_finds_it(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore
) -> None:
    keep(companion, store, "Hello from the past", expires_at=int(time.time()) - 1)
    for document in store.documents.values():
        document["expires_at"] = int(time.time()) + DAY
    model = bedrock(fakes.said("Yes."))
    answer()
    assert told(model) == ""


def test_store_that_fails_costs_no_answer(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.status = 403
    bedrock(fakes.said("Yes."))
    answer()
    assert companion.kinds() == ["disclosure", "text", "end"]
    assert len(companion.items("memory")) == 2
    assert "recall: the vector store answered POST _search with 403" in caplog.text


def test_embedding_that_fails_costs_no_answer(
    companion: Companion, fake: Callable[..., fakes.FakeClient], store: fakes.VectorStore
) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise fakes.aws_error("ThrottlingException", "InvokeModel")

    streaming = {"stream": fakes.Stream(fakes.said("Yes."))}
    fake("bedrock-runtime", converse_stream=lambda _: streaming, invoke_model=fail)
    answer()
    assert companion.kinds() == ["disclosure", "text", "end"]
    assert store.requests == []


def test_embedding_of_another_size_never_reaches_the_store(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VECTORS_DIMENSION", "1024")
    bedrock(fakes.said("Yes."))
    answer()
    assert companion.kinds()[-1] == "end"
    assert store.requests == []


def test_embedding_is_asked_for_as_the_index_has_it(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore
) -> None:
    model = bedrock(fakes.said("Yes."))
    answer()
    (asked,) = model.asked("invoke_model")
    assert asked["modelId"] == "amazon.titan-embed-text-v2:0"
    expected = {"inputText": events.TEXT, "dimensions": 4, "normalize": store.serverless}
    assert json.loads(asked["body"]) == expected


def test_refused_words_do_not_become_findable(companion: Companion, bedrock: Bedrock, store: fakes.VectorStore) -> None:
    trace = fakes.refused("input", fakes.SELF_HARM)
    bedrock(fakes.said(fakes.BLOCKED_MESSAGE, stop="guardrail_intervened", trace=trace))
    answer()
    assert store.documents == {}


def test_erasure_that_passed_the_store_meanwhile_is_made_up_for(
    companion: Companion, bedrock: Bedrock, store: fakes.VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.answer

    def erased_before_it_is_stored(asked: Asked) -> Given:
        if "_doc" in asked.path and asked.method in ("POST", "PUT"):
            companion.put("state", user_id=events.USER, state_key="erased", erased_at=time.time())
        return real(asked)

    monkeypatch.setattr(store, "answer", erased_before_it_is_stored)
    bedrock(fakes.said("Yes."))
    answer()
    assert [method for method, *_ in store.requests][-1] == "DELETE"
    assert store.documents == {}


def test_memory_that_expires_takes_its_vector_with_it(companion: Companion, store: fakes.VectorStore) -> None:
    first, second = keep(companion, store, "Hello first"), keep(companion, store, "Hello second")
    assert forget.handler(events.removed(first), None) == {"batchItemFailures": []}
    assert [document["memory_id"] for document in store.documents.values()] == [second]


def test_new_and_changed_memories_keep_their_vectors(companion: Companion, store: fakes.VectorStore) -> None:
    memory_id = keep(companion, store, "Hello first")
    for name in ("INSERT", "MODIFY"):
        assert forget.handler(events.removed(memory_id, event_name=name), None) == {"batchItemFailures": []}
    assert len(store.documents) == 1


def test_vector_that_is_not_there_is_forgotten(companion: Companion, domain: fakes.VectorStore) -> None:
    assert forget.handler(events.removed(ulid.new()), None) == {"batchItemFailures": []}


def test_old_vector_that_is_not_there_is_forgotten(companion: Companion, serverless: fakes.VectorStore) -> None:
    old = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    assert forget.handler(events.removed(old), None) == {"batchItemFailures": []}


def test_young_vector_that_is_not_searchable_yet_is_looked_for_again(
    companion: Companion, serverless: fakes.VectorStore
) -> None:
    memory_id = keep(companion, serverless, "Hello first")
    serverless.hidden = set(serverless.documents)
    assert forget.handler(events.removed(memory_id), None) == {"batchItemFailures": [{"itemIdentifier": "10"}]}
    serverless.hidden = set()
    assert forget.handler(events.removed(memory_id), None) == {"batchItemFailures": []}
    assert serverless.documents == {}


def test_stream_comes_again_from_the_first_failure(companion: Companion, store: fakes.VectorStore) -> None:
    ids = [keep(companion, store, f"Hello {number}") for number in range(3)]
    forget.handler(events.removed(ids[0]), None)
    store.status = 503
    assert forget.handler(events.removed(*ids[1:]), None) == {"batchItemFailures": [{"itemIdentifier": "10"}]}
    store.status = 0
    assert forget.handler(events.removed(*ids[1:]), None) == {"batchItemFailures": []}
    assert store.documents == {}


def test_store_that_is_not_there_fails_quickly(
    companion: Companion, bedrock: Bedrock, domain: fakes.VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VECTORS_ENDPOINT", "http://127.0.0.1:9")
    bedrock(fakes.said("Yes."))
    started = time.monotonic()
    answer()
    assert time.monotonic() - started < 5
    assert companion.kinds()[-1] == "end"


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]"])
def test_answer_that_is_no_json_object_is_a_failure(
    companion: Companion, domain: fakes.VectorStore, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    class Response:
        status_code = 200

    Response.content = content  # type: ignore[attr-defined]
    http = type("Http", (), {"send": lambda *_: Response})
    monkeypatch.setattr(opensearch, "_http", lambda _: http())
    failed = forget.handler(events.removed(ulid.new()), None)
    assert failed == {"batchItemFailures": [{"itemIdentifier": "10"}]}


def test_a_small_request_does_not_wait_for_the_acknowledgement_of_its_headers(store: fakes.VectorStore) -> None:
    took = []
    for _ in range(8):
        began = time.monotonic()
        opensearch.send("POST", "_search", {"query": {"term": {"user_id": "nobody"}}})
        took.append(time.monotonic() - began)
    # Linux acknowledges 40 ms late: the first request of a connection is spared, the others are not.
    assert min(took[1:]) < 0.03
