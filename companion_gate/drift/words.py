"""A comparison as text, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from companion_gate.drift.compare import Change
from companion_gate.drift.settings import Direction
from companion_gate.gate.waivers import Waiver
from companion_gate.report.github import cell

Changes = dict[str, list[Change]]
"""The changes of each stack."""

Covered = dict[tuple[str, Change], Waiver]
"""The waivers of those that somebody answers for."""

_TITLES = {Direction.WEAKER: "Weaker", Direction.STRONGER: "Stronger", Direction.NEUTRAL: "Neither"}
_HEAD = ("| stack | what | before | after | where | |", "|---|---|---|---|---|---|")


def _lines(changes: Changes, covered: Covered) -> Iterator[tuple[str, Direction, Change, Waiver | None]]:
    for stack, found in changes.items():
        for change in found:
            yield stack, change.direction, change, covered.get((stack, change))


def _text(changes: Changes, covered: Covered) -> str:
    lines: list[str] = []
    for direction in Direction:
        mine = [each for each in _lines(changes, covered) if each[1] is direction]
        lines += [f"{_TITLES[direction]}: {len(mine) or 'none'}"]
        for stack, _, change, waiver in mine:
            lines.append(f"  {stack}: {change}")
            if waiver is not None:
                lines.append(f"    waived: {waiver}")
            elif direction is Direction.WEAKER:
                lines.append(f"    undo it, or write a waiver: policy = {change.id!r}, address = {change.address!r}")
    return "\n".join(lines) + "\n"


def markdown(changes: Changes, covered: Covered) -> str:
    lines = ["## Safety drift", ""]
    for direction in Direction:
        mine = [each for each in _lines(changes, covered) if each[1] is direction]
        if mine:
            lines += [
                f"### {_TITLES[direction]}",
                "",
                "| stack | what | before | after | where | |",
                "|---|---|---|---|---|---|",
            ]
        for stack, _, change, waiver in mine:
            note = f"waived until {waiver.expires} by {waiver.owner}" if waiver else ""
            if not note and direction is Direction.WEAKER:
                note = f"needs a waiver: {change.id}"
            cells = (stack, change.says, change.before, change.after, change.address, note)
            lines.append(f"| {' | '.join(map(cell, cells))} |")
        lines += [""] if mine else []
    if not any(changes.values()):
        lines += ["Nothing that bears on safety has changed.", ""]
    return "\n".join(lines)


def _json(changes: Changes, covered: Covered) -> str:
    found = [
        {"stack": stack, "id": change.id, **asdict(change), "waiver": str(waiver) if waiver else None}
        for stack, _, change, waiver in _lines(changes, covered)
    ]
    return json.dumps({"schema": "companion-gate/diff/1", "changes": found}, indent=1, ensure_ascii=False) + "\n"


WRITERS = {"text": _text, "markdown": markdown, "json": _json}
