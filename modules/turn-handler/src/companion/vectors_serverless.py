"""A serverless collection: it names documents itself, cannot delete by query, and shows changes late.

AWS docs: Working with vector search collections, limitations.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from companion import opensearch, ulid
from companion.failures import HandlerError

FEATURE = "serverless"
# A new document is searchable after about a minute (AWS docs: OpenSearch Serverless, refresh intervals).
VISIBLE_SECONDS = 120
_PAGE = 500
_PAUSE_SECONDS = 2.0


def index(document: dict[str, Any]) -> str:
    """Store a document; its id."""
    return str(opensearch.send("POST", "_doc", document)["_id"])


def delete_document(document_id: str) -> None:
    """Delete a document; one that is not there is deleted."""
    opensearch.send("DELETE", f"_doc/{quote(document_id, safe='')}", missing_ok=True)


def delete(memory_id: str) -> None:
    """Delete a memory's documents. Raises HandlerError when there is none yet, but one may show up."""
    found = _found({"memory_id": memory_id})
    for document_id in found:
        delete_document(document_id)
    if not found and time.time() - ulid.seconds_of(memory_id) < VISIBLE_SECONDS:
        raise HandlerError("the vector of a young memory is not searchable yet; it is looked for again")


def erase(user_id: str) -> None:
    """Delete every document of a user. Raises HandlerError when something is still found after two minutes.

    What is too young to be found is deleted with its memory's record in the table's stream.
    """
    until = time.monotonic() + VISIBLE_SECONDS
    deleted: set[str] = set()
    while found := _found({"user_id": user_id}):
        for document_id in found:
            if document_id not in deleted:
                delete_document(document_id)
                deleted.add(document_id)
        if time.monotonic() > until:
            raise HandlerError("vectors are left in the collection")
        time.sleep(_PAUSE_SECONDS)


def _found(term: dict[str, str]) -> list[str]:
    query = {"bool": {"filter": [{"term": term}]}}
    body = {"size": _PAGE, "_source": False, "query": query}
    answer = opensearch.send("POST", "_search", body, seconds=opensearch.PATIENT_SECONDS)
    return [str(hit["_id"]) for hit in answer["hits"]["hits"]]
