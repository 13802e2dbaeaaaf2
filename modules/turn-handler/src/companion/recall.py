"""Recall by meaning. A vector store that fails costs the companion a memory, never the user an answer."""

from __future__ import annotations

from collections.abc import Set

from companion import embedding, memories, state, vectors
from companion.failures import report
from companion.turns import Memory, Turn

FEATURE = "vectors"
NEAREST = 5


def recall(turn: Turn, known: Set[str]) -> tuple[list[Memory], list[float]]:
    """Memories that fit what the user says, without the known ones, and its vector; what could be had of them."""
    vector: list[float] = []
    try:
        vector = embedding.embed(turn.text)
        ids = [memory_id for memory_id in vectors.nearest(turn.user_id, vector, NEAREST) if memory_id not in known]
        return memories.by_id(turn.user_id, ids), vector
    except Exception as error:
        report("recall", error)
        return [], vector


def remember(turn: Turn, memory: Memory, vector: list[float]) -> None:
    """Make a memory findable, unless the user was erased meanwhile: the erasure may have passed the store already."""
    try:
        document = vectors.index(turn.user_id, memory, vector)
        if state.erased_since(turn.user_id, turn.enqueued_at):
            vectors.delete_document(document)
    except Exception as error:
        report("memory not findable", error)
