"""Lines of source files for reports, without the secrets that somebody may have written into them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from companion_gate.report.contents import Line

AROUND = 2
"""Lines shown before and after the one that counts."""

_HIDDEN = '"(hidden)"'
_NAME = r"[\w-]*(?:password|passwd|secret|token|credential|api_?key|access_?key|private_?key)[\w-]*"
_ASSIGNED = re.compile(rf"""(?i)(["']?{_NAME}["']?\s*[=:]\s*)"(?:[^"\\]|\\.)*(?:"|$)""")
# Access key ids as AWS writes them (IAM user guide, "IAM identifiers": AKIA for users, ASIA for temporary ones).
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def excerpt(file: Path, line: int) -> list[Line]:
    """The lines around one, which counts from 1; empty where the file cannot be read or is shorter."""
    lines = _lines(file)
    if not 1 <= line <= len(lines):
        return []
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return [Line(number=number, text=masked(lines[number - 1])) for number in range(first, last + 1)]


def masked(text: str) -> str:
    """A line with the literals of arguments hidden whose names say that they are secret."""
    if _PEM.search(text):
        return "(hidden)"
    return _KEY_ID.sub("(hidden)", _ASSIGNED.sub(rf"\1{_HIDDEN}", text))


@lru_cache(maxsize=256)
def _lines(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
