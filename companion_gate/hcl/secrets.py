"""Source lines are shown without the secrets that somebody may have written into them."""

from __future__ import annotations

import re

_HIDDEN = '"(hidden)"'
_NAME = r"[\w-]*(?:password|passwd|secret|token|credential|api_?key|access_?key|private_?key)[\w-]*"
_ASSIGNED = re.compile(rf"""(?i)(["']?{_NAME}["']?\s*[=:]\s*)"(?:[^"\\]|\\.)*(?:"|$)""")
# Access key ids as AWS writes them (IAM user guide, "IAM identifiers": AKIA for users, ASIA for temporary ones).
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def masked(text: str) -> str:
    """A line with the literals of arguments hidden whose names say that they are secret."""
    if _PEM.search(text):
        return "(hidden)"
    return _KEY_ID.sub("(hidden)", _ASSIGNED.sub(rf"\1{_HIDDEN}", text))
