"""handlers.zip: what Lambda runs, made from src/ so that the same source always gives the same bytes.

``python modules/turn-handler/package.py`` writes it, ``--check`` only compares. Exit status: 0 it is current, 1 it is
not. Terraform needs it at plan time, so it is committed; nothing in it is compressed, as zlib's bytes differ between
builds of zlib.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

_HERE = Path(__file__).resolve().parent
SOURCE = _HERE / "src"
ARCHIVE = _HERE / "handlers.zip"
_COMMAND = "python modules/turn-handler/package.py"
_UNIX = 3
# A regular file that everybody can read: Lambda runs as a user of its own.
_MODE = 0o100644


def build(source: Path = SOURCE) -> bytes:
    """The archive of every .py file below a folder, and of the protocol's schema."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        found = [*source.rglob("*.py"), *source.rglob("*.schema.json")]
        for name, path in sorted((path.relative_to(source).as_posix(), path) for path in found):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            archive.writestr(entry, path.read_bytes().replace(b"\r\n", b"\n"))
    return buffer.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the archive; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args(arguments)
    content = build()
    if options.check:
        if ARCHIVE.is_file() and ARCHIVE.read_bytes() == content:
            return 0
        sys.stderr.write(f"{ARCHIVE.name} is not what src/ gives: run {_COMMAND} and commit it.\n")
        return 1
    ARCHIVE.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
