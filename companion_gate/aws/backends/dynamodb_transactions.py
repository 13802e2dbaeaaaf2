"""DynamoDB transactions: what is put back when one fails.

moto copies every item of every table that a transaction names, for each transaction, and puts the copies back when it
fails. That takes longer the more there is, and whoever reads the table's stream reads on in a shard that is the table's
no more. Here the copy shares the shard, and items where they are replaced and never changed.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from threading import local
from types import SimpleNamespace
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

_THREAD = local()
_transact = DynamoDBBackend.transact_write_items


def _transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
    # An update changes its item in place, so that the whole copy is needed.
    _THREAD.shares = not any("Update" in item for item in transact_items)
    shards = [table.stream_shard for table in self.tables.values() if table.stream_shard is not None]
    lengths = [len(shard.items) for shard in shards]
    try:
        _transact(self, transact_items)
    except BaseException:
        for shard, length in zip(shards, lengths, strict=True):
            del shard.items[length:]
        raise
    finally:
        _THREAD.shares = False


def _deepcopy(value: Any) -> Any:
    if not isinstance(value, Table):
        return copy.deepcopy(value)
    if not getattr(_THREAD, "shares", False):
        return copy.deepcopy(value, {id(value.stream_shard): value.stream_shard})
    copied = copy.copy(value)
    copied.items = defaultdict(dict)
    copied.items.update({key: dict(held) if isinstance(held, dict) else held for key, held in value.items.items()})
    return copied


DynamoDBBackend.transact_write_items = _transact_write_items
models.copy = SimpleNamespace(deepcopy=_deepcopy)
