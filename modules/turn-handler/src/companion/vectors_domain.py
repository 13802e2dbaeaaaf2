"""A domain: documents have the ids of their memories, and a query deletes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from companion import opensearch
from companion.failures import HandlerError

FEATURE = "domain"
_ROUNDS = 5


def index(memory_id: str, document: dict[str, Any]) -> str:
    """Store a document; its id."""
    opensearch.send("PUT", f"_doc/{quote(memory_id, safe='')}", document)
    return memory_id


def delete(memory_id: str) -> None:
    """Delete a memory's document; one that is not there is deleted."""
    opensearch.send("DELETE", f"_doc/{quote(memory_id, safe='')}", missing_ok=True)


def erase(user_id: str) -> None:
    """Delete every document of a user. Raises HandlerError when something is left."""
    of_user = {"query": {"term": {"user_id": user_id}}}
    for _ in range(_ROUNDS):
        # refresh makes what was deleted, and what was written meanwhile, count at once.
        opensearch.send(
            "POST", "_delete_by_query?refresh=true&conflicts=proceed", of_user, seconds=opensearch.PATIENT_SECONDS
        )
        if opensearch.send("POST", "_count", of_user, seconds=opensearch.PATIENT_SECONDS)["count"] == 0:
            return
    raise HandlerError("vectors are left in the domain")
