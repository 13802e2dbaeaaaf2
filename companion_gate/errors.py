"""The one exception that the gate shows to people."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class GateError(Exception):
    """Something outside the gate's control is wrong: the message is one sentence with file, line, cause and cure."""


@contextmanager
def room_to_write() -> Iterator[None]:
    """Makes a full disk a GateError; any other OSError stays as it is."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise GateError(
            f"the gate cannot write to {tempfile.gettempdir()}: {error.strerror}; make room there, or set TMPDIR to a "
            "folder that has some"
        ) from error
