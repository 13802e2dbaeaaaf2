"""How pytest-xdist hands out the project's own tests."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling


class TogetherScheduling(LoadFileScheduling):
    """A file goes to one worker, and a folder of tests/e2e whole, so that its companion is applied once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return file.rpartition("/")[0] if "/e2e/" in f"/{file}" else file
