"""One user's erasure: complete in every store, proven, and repeated until it is."""

from __future__ import annotations

import time
from typing import Any

import pytest
from companion import erase, ulid, vectors_serverless

from companion_gate.serve.standins.answers import Asked, Given, as_json

from . import events, fakes
from .conftest import ENVIRONMENT, Companion

TABLES = ("memory", "state", "connections")


def fill(companion: Companion, user_id: str, count: int) -> None:
    for number in range(count):
        companion.put("memory", user_id=user_id, memory_id=f"{number:04}", text="x" * 100, role="user")
        companion.put("state", user_id=user_id, state_key=f"turn#{number}")
    for number in range(3):
        companion.put("connections", user_id=user_id, connection_id=f"{user_id}-{number}")


def vector(store: fakes.VectorStore, user_id: str) -> str:
    memory_id = ulid.new()
    store.documents[memory_id] = {"user_id": user_id, "memory_id": memory_id, "expires_at": 2**31, "embedding": [1.0]}
    return memory_id


def run(**changes: Any) -> None:
    erase.handler(events.sqs(events.erasure(**changes), queue="erasures"), None)


def test_everything_of_the_user_is_gone_and_nothing_of_others(companion: Companion) -> None:
    fill(companion, events.USER, 60)
    # A prefix of the user's name, and one of which the user's is a prefix.
    for other in ("auth0|user-471", "auth0|user-47110"):
        fill(companion, other, 2)
    run()
    assert companion.items("memory") == []
    assert companion.items("connections") == []
    assert [item["state_key"]["S"] for item in companion.items("state")] == ["erased"]
    for other in ("auth0|user-471", "auth0|user-47110"):
        assert [len(companion.items(table, other)) for table in TABLES] == [2, 2, 3]


def test_user_is_told(companion: Companion) -> None:
    run()
    assert companion.frames == [{"v": 1, "turn_id": None, "seq": 0, "type": "erasure", "data": "erased"}]


@pytest.mark.parametrize("fault", ["gone", "broken"])
def test_user_who_cannot_be_told_is_erased_all_the_same(
    companion: Companion, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    fill(companion, events.USER, 2)
    companion.gone |= {events.CONNECTION} if fault == "gone" else set()
    companion.broken_post = fault == "broken"
    run()
    assert companion.items("memory") == []
    assert ("erasure not confirmed" in caplog.text) is (fault == "broken"), "somebody who leaves is no failure"


def test_erasure_without_a_connection_tells_nobody(companion: Companion) -> None:
    run(connection_id=None)
    assert companion.frames == []


def test_erasure_can_be_repeated(companion: Companion) -> None:
    fill(companion, events.USER, 2)
    run()
    run()
    assert companion.items("memory") == []


def test_tombstone_comes_first_and_names_nothing_but_the_time(
    companion: Companion, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(companion, events.USER, 2)

    def fail(**_: Any) -> None:
        raise fakes.aws_error("InternalServerError", "BatchWriteItem")

    monkeypatch.setattr(companion.dynamodb, "batch_write_item", fail)
    with pytest.raises(Exception, match=r"^erasure: BatchWriteItem: InternalServerError$"):
        run()
    (tombstone,) = companion.state("erased")
    assert set(tombstone) == {"user_id", "state_key", "erased_at", "expires_at"}
    assert float(tombstone["erased_at"]["N"]) == pytest.approx(time.time(), abs=10)
    assert int(tombstone["expires_at"]["N"]) > time.time() + 86400
    assert companion.frames == [], "told that it is done, and it is not"


def test_unprocessed_deletions_are_tried_again(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(companion, events.USER, 30)
    real = companion.dynamodb.batch_write_item
    calls = []

    def half(RequestItems: dict[str, list[Any]]) -> Any:  # noqa: N803
        ((table, requests),) = RequestItems.items()
        calls.append(len(requests))
        assert len(requests) <= 25
        done, left = requests[: len(requests) // 2 + 1], requests[len(requests) // 2 + 1 :]
        real(RequestItems={table: done})
        return {"UnprocessedItems": {table: left} if left else {}}

    monkeypatch.setattr(companion.dynamodb, "batch_write_item", half)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    run()
    assert len(calls) > 6
    assert companion.items("memory") == []


def test_deletions_that_stay_unprocessed_are_a_failure(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(companion, events.USER, 2)
    monkeypatch.setattr(
        companion.dynamodb,
        "batch_write_item",
        lambda RequestItems: {"UnprocessedItems": RequestItems},  # noqa: N803
    )
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(Exception, match=r"^erasure: DynamoDB leaves deletions unprocessed$"):
        run()


def test_items_that_are_left_are_a_failure(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(companion, events.USER, 2)
    monkeypatch.setattr(companion.dynamodb, "batch_write_item", lambda **_: {"UnprocessedItems": {}})
    with pytest.raises(Exception, match=r"^erasure: items are left in the tables$"):
        run()
    assert companion.frames == []


def test_item_that_comes_meanwhile_is_erased_too(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    real = companion.dynamodb.batch_write_item
    late = iter([True])

    def with_late_item(**parameters: Any) -> Any:
        answer = real(**parameters)
        if next(late, False):
            fill(companion, events.USER, 1)
        return answer

    fill(companion, events.USER, 2)
    monkeypatch.setattr(companion.dynamodb, "batch_write_item", with_late_item)
    run()
    assert companion.items("memory") == []


def test_long_history_is_erased_page_by_page(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(companion, events.USER, 40)
    real = companion.dynamodb.query
    monkeypatch.setattr(companion.dynamodb, "query", lambda **parameters: real(**parameters, Limit=7))
    run()
    assert companion.items("memory") == []
    assert [item["state_key"]["S"] for item in companion.items("state")] == ["erased"]


def test_proof_is_strongly_consistent(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    real = companion.dynamodb.query
    asked: list[dict[str, Any]] = []

    def query(**parameters: Any) -> Any:
        asked.append(parameters)
        return real(**parameters)

    monkeypatch.setattr(companion.dynamodb, "query", query)
    run()
    for table in ("memory", "state"):
        (*_, last) = [one for one in asked if one["TableName"] == ENVIRONMENT[f"{table.upper()}_TABLE"]]
        assert last["ConsistentRead"] is True
        assert "FilterExpression" not in last


def test_vectors_are_erased_and_nothing_of_others(companion: Companion, store: fakes.VectorStore) -> None:
    for _ in range(3):
        vector(store, events.USER)
    other = vector(store, "somebody-else")
    run()
    assert list(store.documents) == [other]
    assert companion.kinds() == ["erasure"]


def test_domain_is_asked_to_show_what_it_deleted_and_then_counts(
    companion: Companion, domain: fakes.VectorStore
) -> None:
    vector(domain, events.USER)
    run()
    assert [path for _, path, *_ in domain.requests] == [
        "/memories/_delete_by_query?refresh=true&conflicts=proceed",
        "/memories/_count",
    ]


def test_vectors_that_are_left_in_a_domain_are_a_failure(companion: Companion, domain: fakes.VectorStore) -> None:
    domain.stuck = {vector(domain, events.USER)}
    with pytest.raises(Exception, match=r"^erasure: vectors are left in the domain$"):
        run()
    assert companion.frames == []
    domain.stuck = set()
    run()
    assert domain.documents == {}


def test_vectors_that_are_left_in_a_collection_are_a_failure(
    companion: Companion, serverless: fakes.VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_serverless, "VISIBLE_SECONDS", 0.2)
    monkeypatch.setattr(vectors_serverless, "_PAUSE_SECONDS", 0.05)
    serverless.stuck = {vector(serverless, events.USER)}
    with pytest.raises(Exception, match=r"^erasure: vectors are left in the collection$"):
        run()
    deletions = [request for request in serverless.requests if request[0] == "DELETE"]
    assert len(deletions) == 1, "a collection that shows changes late is not asked again and again"


def test_collection_may_show_a_deletion_late(
    companion: Companion, serverless: fakes.VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_serverless, "_PAUSE_SECONDS", 0.01)
    key = vector(serverless, events.USER)
    stale = iter([[key], [key], [key]])
    original = serverless.answer

    def answer(asked: Asked) -> Given:
        if asked.path.endswith("_search") and (late := next(stale, None)):
            return as_json({"hits": {"hits": [{"_id": found, "_source": {}} for found in late]}})
        return original(asked)

    monkeypatch.setattr(serverless, "answer", answer)
    run()
    assert serverless.documents == {}


@pytest.mark.parametrize("body", ["no json", "[]", "null", "{}", events.erasure(v=2), events.erasure(user_id="")])
def test_message_that_is_no_erasure_goes_to_the_dead_letters(companion: Companion, body: object) -> None:
    with pytest.raises(Exception, match=r"^erasure: a message is no erasure of version 1$"):
        erase.handler(events.sqs(body), None)


def test_one_failure_does_not_keep_others_from_being_erased(companion: Companion) -> None:
    fill(companion, events.USER, 2)
    with pytest.raises(Exception, match=r"^erasure: "):
        erase.handler(events.sqs("no json", events.erasure()), None)
    assert companion.items("memory") == []
