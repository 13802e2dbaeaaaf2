"""How pytest-xdist hands out the items of stacks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class StackScheduling(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist is not typed
    """All items of a stack go to one worker, so that it is planned once; every other test goes by itself."""

    def __init__(self, config: pytest.Config, log: Any, stacks: Collection[str]) -> None:
        super().__init__(config, log)
        self._stacks = stacks

    def _split_scope(self, nodeid: str) -> str:
        stack = nodeid.partition("::")[0]
        return stack if stack in self._stacks else nodeid
