from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import serve
from tests.e2e.talking import Served


@pytest.fixture(scope="package")
def text_chat(quick_script: Path) -> Iterator[Served]:
    yield from serve("text-chat", quick_script)
