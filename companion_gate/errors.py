"""The one exception that the gate shows to people."""

from __future__ import annotations


class GateError(Exception):
    """Something outside the gate's control is wrong: the message is one sentence with file, line, cause and cure."""
