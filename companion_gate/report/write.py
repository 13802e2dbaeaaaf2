"""Writes a report in the format that its file's name asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from companion_gate.errors import GateError, room_to_write
from companion_gate.report.contents import Report


def _json(report: Report) -> str:
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def _sarif(report: Report) -> str:
    from companion_gate.report.sarif import sarif

    return json.dumps(sarif(report), indent=1, ensure_ascii=False) + "\n"


def _page(report: Report) -> str:
    from companion_gate.report.page import page

    return page(report)


def _markdown(report: Report) -> str:
    from companion_gate.report.github import summary

    return summary(report)


FORMATS: dict[str, Callable[[Report], str]] = {
    ".html": _page,
    ".json": _json,
    ".md": _markdown,
    ".sarif": _sarif,
}
"""Suffix of a report's file -> what makes its text. What a format needs is imported when it is asked for."""


def checked_report(file: Path) -> Path:
    """A file to write a report to. Raises GateError where it is none, before the run and not after it."""
    if file.suffix not in FORMATS:
        raise GateError(f"report {file}: its name must end with one of {', '.join(FORMATS)}")
    if file.is_dir():
        raise GateError(f"report {file}: there is a folder of this name; choose another one")
    return file


def write_report(report: Report, file: Path) -> None:
    """Raises GateError where the file cannot be written."""
    text = FORMATS[file.suffix](report)
    try:
        with room_to_write():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GateError(f"report {file} cannot be written: {error.strerror}; choose another place") from error
