"""Digests of named parts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import companion_gate

# What decides or answers in our place; another release may do so otherwise.
_DEPENDENCIES = ("checkov", "bc-python-hcl2", "moto", "lark")
_NOT_SOURCE = (".terraform", ".git", "__pycache__")


class Digest:
    """A running digest; every part goes in with its name and length, so that parts cannot run into each other."""

    def __init__(self, purpose: str) -> None:
        self._hash = hashlib.sha256()
        self.add(purpose, own_code())

    def add(self, name: str, value: str | bytes) -> None:
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
        encoded = name.encode("utf-8", "surrogateescape")
        self._hash.update(b"%d %d\n" % (len(encoded), len(data)) + encoded + data)

    def add_files(self, files: Iterable[Path]) -> None:
        """Path and bytes of each; that a file is missing is content, too. Raises OSError for one that resists."""
        for file in files:
            if file.is_file():
                self.add(str(file), file.read_bytes())
            else:
                self.add(f"missing {file}", "")

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """All files at or below a folder in a fixed order, without Terraform's, git's and Python's own."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_SOURCE)
        yield from (Path(parent, name) for name in sorted(names))


@cache
def own_code() -> str:
    """Digest of this package and of what it relies on: another version may plan or judge otherwise."""
    digest = hashlib.sha256()
    for name in _DEPENDENCIES:
        try:
            digest.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            digest.update(f"{name} missing\n".encode())
    for folder in (Path(companion_gate.__file__).parent, companion_gate.POLICIES_FOLDER):
        for path in files_below(folder):
            if path.suffix == ".py":
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
