"""What GitHub Actions shows of a run: annotations at the lines, and a summary of the step.

GitHub docs, "Workflow commands for GitHub Actions": ``::error file=…,line=…,title=…::message``, and its escapes;
ten error annotations a step are kept (GitHub docs, "Check runs" limits); a step's summary takes 1 MiB.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.report.contents import Judgement, Policy, Report
from companion_gate.report.selection import by_id, not_checked, unique

ANNOTATIONS = 10
SUMMARY_BYTES = 1024 * 1024
_MARKUP = re.compile(r"([\\`*_|\[\]])")
_WORDS = {"passed": "Gate passed", "failed": "Gate failed", "not complete": "Gate not complete"}


def annotation_commands(report: Report) -> list[str]:
    """One command for each finding, the most severe first, and one that says how many were left out."""
    policies = by_id(report)
    lines = [f"::error title={_property(each['name'])}::{_data(each['message'])}" for each in not_checked(report)]
    lines += [_annotation(each, policies[each["policy"]]) for each in unique(report) if each["outcome"] != "waived"]
    if len(lines) > ANNOTATIONS:
        left = len(lines) - ANNOTATIONS + 1
        lines[ANNOTATIONS - 1 :] = [f"::error title=companion-gate::{left} more are in the output and the report"]
    return lines


def summary(report: Report) -> str:
    """The run in Markdown, within what a step's summary takes."""
    text = "\n".join(_summary(report)) + "\n"
    if len(text.encode()) <= SUMMARY_BYTES:
        return text
    kept = text.encode()[: SUMMARY_BYTES - 200].decode(errors="ignore").rpartition("\n")[0]
    return f"{kept}\n\nThe rest is left out: a summary takes {SUMMARY_BYTES} bytes. The report has it all.\n"


def write_summary(report: Report, file: Path) -> None:
    """Appends the summary to the file that GitHub names in ``GITHUB_STEP_SUMMARY``. Raises GateError."""
    try:
        with file.open("a", encoding="utf-8") as out:
            out.write(summary(report))
    except OSError as error:
        raise GateError(f"the step's summary {file} cannot be written: {error.strerror}") from error


def _annotation(judgement: Judgement, policy: Policy) -> str:
    where = ".".join(filter(None, (judgement["address"], judgement["path"])))
    text = f"{where}: expected {judgement['expected']}, found {judgement['found']}. {judgement['fix']}"
    place = f"file={_property(judgement['file'])},line={max(judgement['line'], 1)}," if judgement["file"] else ""
    title = _property(f"{policy['id']} {policy['name']}")
    return f"::error {place}title={title}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _summary(report: Report) -> Iterator[str]:
    policies = by_id(report)
    yield f"## {_WORDS[report['verdict']]}"
    yield ""
    yield cell(report["reason"])
    found = unique(report)
    for outcome, title in (("failed", "To mend"), ("undecided", "Not decided"), ("waived", "Waived")):
        mine = [each for each in found if each["outcome"] == outcome]
        if mine:
            yield from ("", f"### {title}", "", "| severity | policy | where | found | fix |", "|---|---|---|---|---|")
        for each in mine:
            policy = policies[each["policy"]]
            where = f"{each['file']}:{each['line']}" if each["file"] else each["stack"]
            fix = each["fix"]
            if (waiver := each["waiver"]) is not None:
                fix = f"waived until {waiver['expires']} by {waiver['owner']} ({waiver['ticket']})"
            cells = (policy["severity"], policy["name"], f"{each['address']} {where}", each["found"], fix)
            yield f"| {' | '.join(map(cell, cells))} |"
    if stopped := not_checked(report):
        yield from ("", "### Could not be checked", "")
    for question in stopped:
        yield f"- **{cell(question['stack'])} {question['name']}**: {cell(question['message'])}"
    yield ""


def cell(text: str) -> str:
    """Text that stays in its cell and is no markup."""
    return html.escape(_MARKUP.sub(r"\\\1", " ".join(text.split())), quote=False)
