from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import serve
from tests.e2e.talking import Served


@pytest.fixture(scope="package")
def voice(quick_script: Path) -> Iterator[Served]:
    yield from serve("voice-companion", quick_script)
