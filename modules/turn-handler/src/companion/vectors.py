"""The store of vectors: one interface to a domain and to a serverless collection, which differ in how they delete."""

from __future__ import annotations

import time

from companion import opensearch, settings, vectors_domain, vectors_serverless
from companion.turns import Memory

FEATURE = "vectors"


def nearest(user_id: str, vector: list[float], count: int) -> list[str]:
    """The ids of a user's memories that are nearest, the nearest first."""
    # Inside of the knn clause: a filter that comes after it finds nothing for most users.
    filters = [{"term": {"user_id": user_id}}, {"range": {"expires_at": {"gt": int(time.time())}}}]
    knn = {"vector": vector, "k": count, "filter": {"bool": {"filter": filters}}}
    body = {"size": count, "_source": ["memory_id"], "query": {"knn": {"embedding": knn}}}
    answer = opensearch.send("POST", "_search", body)
    return [str(hit["_source"]["memory_id"]) for hit in answer["hits"]["hits"]]


def index(user_id: str, memory: Memory, vector: list[float]) -> str:
    """Store a memory's vector; the id of its document."""
    document = {
        "user_id": user_id,
        "memory_id": memory.memory_id,
        "expires_at": memory.expires_at,
        "embedding": vector,
    }
    if _is_domain():
        return vectors_domain.index(memory.memory_id, document)
    return vectors_serverless.index(document)


def delete_document(document_id: str) -> None:
    """Delete a document; one that is not there is deleted."""
    if _is_domain():
        vectors_domain.delete(document_id)
    else:
        vectors_serverless.delete_document(document_id)


def delete(memory_id: str) -> None:
    """Delete a memory's vector; one that is not there is deleted."""
    if _is_domain():
        vectors_domain.delete(memory_id)
    else:
        vectors_serverless.delete(memory_id)


def erase(user_id: str) -> None:
    """Delete every vector of a user. Raises HandlerError when something is left."""
    if _is_domain():
        vectors_domain.erase(user_id)
    else:
        vectors_serverless.erase(user_id)


def _is_domain() -> bool:
    return settings.flag("VECTORS_DELETE_BY_QUERY")
