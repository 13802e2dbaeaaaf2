"""A folder of results by content, shared by all processes of a run and by the next run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: workers of `-n` may then do the same work twice, with the same result
    fcntl = None  # type: ignore[assignment]

_ENTRIES = "entries"
LONGEST_WAIT = 600.0
"""Seconds; longer than the plans and scans of a large repository take."""
MOST_BYTES = 64 * 1024 * 1024
"""Assumed to be enough: some hundreds of plans of a whole companion, at about 150 KB each."""


def user_cache_folder(env: Mapping[str, str] = os.environ) -> Path | None:
    """Where the user's programs keep what they can make again (XDG Base Directory Specification); None without a home.

    Never a folder of the judged repository: what a change brings along must not be able to answer for it.
    """
    named, home = Path(env.get("XDG_CACHE_HOME", "")), Path(env.get("HOME", ""))
    if named.is_absolute():
        return named / "companion-gate"
    return home / ".cache" / "companion-gate" if home.is_absolute() else None


class ContentCache:
    """Bytes by key. What cannot be read whole is not there, so a damaged cache costs time and nothing else.

    An entry is a digest over its key and content, a line break, and the content. Entries are replaced atomically, and
    the oldest go when all together exceed `most_bytes`. A folder that somebody else owns or may write to is not used:
    `unusable` says so in one line.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._entries = folder / _ENTRIES
        self._most_bytes = most_bytes
        self.unusable = _made(self._entries) or _distrusted(folder) or _distrusted(self._entries)

    def get(self, key: str) -> bytes | None:
        """The content kept under `key`, or None; reading an entry makes it young again."""
        if self.unusable:
            return None
        path = self._entries / key
        try:
            digest, _, content = path.read_bytes().partition(b"\n")
            if digest != _digest(key, content):
                return None
            os.utime(path)
        except OSError:
            return None
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep `content`; where it cannot be written (a full disk, a quota) it is not kept, and nothing is left."""
        if self.unusable:
            return
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_digest(key, content) + b"\n" + content)
                Path(name).replace(self._entries / key)
            except OSError:
                Path(name).unlink(missing_ok=True)
                return
            self._drop_oldest()

    @contextlib.contextmanager
    def alone(self, purpose: str) -> Iterator[None]:
        """Lets one process at a time make what belongs to `purpose`; the others find it made.

        Never fails: who has waited for `LONGEST_WAIT` seconds, as for a process that was stopped, goes on beside it.
        """
        with contextlib.ExitStack() as stack:
            if fcntl is not None and not self.unusable:
                with contextlib.suppress(OSError):
                    name = hashlib.sha256(purpose.encode("utf-8", "surrogateescape")).hexdigest()[:2]
                    _lock(stack.enter_context((self._folder / f"{name}.lock").open("wb")))
            yield

    def clear(self) -> None:
        """Forget everything; a folder that is not ours is left alone."""
        if not self.unusable:
            shutil.rmtree(self._folder, ignore_errors=True)
            self.unusable = _made(self._entries)

    def _drop_oldest(self) -> None:
        found = [(path.stat(), path) for path in self._entries.iterdir()]
        total = sum(facts.st_size for facts, _ in found)
        for facts, path in sorted(found, key=lambda entry: entry[0].st_mtime_ns):
            if total <= self._most_bytes:
                return
            path.unlink(missing_ok=True)
            total -= facts.st_size


def _lock(file: IO[bytes]) -> None:
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return


def _digest(key: str, content: bytes) -> bytes:
    """Over the key as well, so that an entry under another's name is not believed."""
    return hashlib.sha256(key.encode() + b"\n" + content).hexdigest().encode()


def _made(folder: Path) -> str:
    """Why the folder cannot be had; empty when it is there."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        return f"{folder} cannot be made: {error.strerror}"
    return ""


def _distrusted(folder: Path) -> str:
    """Why what lies in the folder may be somebody else's; empty when it is ours alone."""
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        return f"{folder} is not a folder"
    if hasattr(os, "getuid") and facts.st_uid != os.getuid():
        return f"{folder} belongs to another user"
    if os.name == "posix" and facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{folder} can be written by others; take that away with chmod go-w"
    return ""
