"""Lines of source files for reports."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from companion_gate.hcl.secrets import masked
from companion_gate.report.contents import Line

AROUND = 2
"""Lines shown before and after the one that counts."""


def excerpt(file: Path, line: int) -> list[Line]:
    """The lines around one, which counts from 1; empty where the file cannot be read or is shorter."""
    lines = _lines(file)
    if not 1 <= line <= len(lines):
        return []
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return [Line(number=number, text=masked(lines[number - 1])) for number in range(first, last + 1)]


@lru_cache(maxsize=256)
def _lines(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
