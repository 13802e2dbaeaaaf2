"""Which tables hold memories."""

from __future__ import annotations

from aic_engine.graph import Resource
from aic_engine.rule import Decision, not_applicable
from aic_engine.values import Absent, Known

_LOCK = "LockID"
"""The key of Terraform's own lock tables (Terraform docs: S3 backend, DynamoDB state locking)."""


def holds_locks(table: Resource) -> Decision | None:
    """The answer for a table that holds the locks of Terraform, and so nothing of users."""
    alone = isinstance(table.get("range_key"), Absent) and table.blocks("global_secondary_index") == 0
    if alone and table.get("hash_key") == Known(_LOCK):
        return not_applicable("it holds locks of Terraform")
    return None
