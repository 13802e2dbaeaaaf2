"""The verdict at the end of a run: what was checked, what was found, what was left, how long it took."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console, Group, RenderableType
from rich.table import Table

from aic_engine.rule import Rule, Verdict
from companion_gate.gate.judgement import NOT_DECIDED, Status
from companion_gate.hcl.syntax import shown
from companion_gate.report.records import Record, record_of
from companion_gate.report.verdict import FAILED, PASSED, Ending, Judged, judged

_LETTERS = {Status.NOT_APPLICABLE.value: "-", Status.UNDECIDED.value: "?", Status.WAIVED.value: "w"}
_NARROWEST = 100


def status_of(report: pytest.TestReport) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
    """pytest's category, letter and word for items that neither passed nor failed in the usual sense.

    What another item's failure left undecided fails the run like any failure, but does not bury the one that says why.
    """
    record = record_of(report)
    if record is None:
        return None
    if report.failed and record.message.startswith(NOT_DECIDED):
        return "not decided", "!", ("NOT DECIDED", {"red": True})
    if report.outcome != "passed" or record.status not in _LETTERS:
        return None
    return record.status, _LETTERS[record.status], record.status.upper()


def print_verdict(
    reporter: pytest.TerminalReporter,
    records: Sequence[Record],
    rules: Sequence[Rule],
    facts: Mapping[str, str],
    ending: Ending,
) -> None:
    """Write the verdict below pytest's own output; ``facts`` say how the run was done."""
    buffer = io.StringIO()
    width = max(reporter._tw.fullwidth, _NARROWEST)
    console = Console(file=buffer, force_terminal=reporter.hasmarkup, width=width, highlight=False)
    if records:
        console.print(_stacks(records))
        console.print(_policies(records, rules, reporter.verbosity > 0))
    for waived in dict.fromkeys(each for record in records for each in record.waived):
        console.print(f"WAIVED: {waived}", style="yellow", markup=False, soft_wrap=True)
    undecided = Counter(record.message for record in records if record.message.startswith(NOT_DECIDED))
    for message, count in undecided.items():
        console.print(f"{count} {message}", style="red", markup=False, soft_wrap=True)
    told = {name: value for record in records for name, value in record.facts.items() if name != "resources"}
    kept = [record.kept for record in records if record.kept is not None]
    if any(kept):
        told["made by an earlier run of the same files"] = f"{sum(kept)} of {len(kept)} scans and plans"
    for name, value in {**facts, **told}.items():
        console.print(f"{name}: {value}", style="dim", markup=False, soft_wrap=True)
    console.print(_last_line(judged(records, ending)), soft_wrap=True)
    reporter.section("companion-gate", sep="=")
    reporter.write(buffer.getvalue())


def _stacks(records: Sequence[Record]) -> Table:
    table = _table("What was checked", ("stack", "asked", "n/a", "to plan", "plans"))
    for column in ("resources", "failed", "seconds"):
        table.add_column(column, justify="right", no_wrap=True)
    for stack in dict.fromkeys(record.stack for record in records):
        mine = [record for record in records if record.stack == stack]
        counts = Counter(record.status for record in mine)
        planned = [record for record in mine if record.name == "plans"]
        table.add_row(
            shown(Path(stack)),
            str(len(mine)),
            _count(counts[Status.NOT_APPLICABLE]),
            _count(counts[Status.UNDECIDED]),
            f"{sum(record.status == Status.PASSED for record in planned)} of {len(planned)}",
            str(sum(int(record.facts.get("resources", 0)) for record in planned)),
            f"[red]{counts[Status.FAILED]}[/red]" if counts[Status.FAILED] else "[green]0[/green]",
            f"{sum(record.seconds for record in mine):.1f}",
        )
    return table


def _policies(records: Sequence[Record], rules: Sequence[Rule], all_of_them: bool) -> RenderableType:
    """Without ``all_of_them``, only policies that fail or do not know something have a row; the others are counted."""
    table = _table(
        "\nWhat was found (resources: pass / fail / unknown)", ("policy", "id", "severity", "on HCL", "on plans")
    )
    parts = {"hcl": _found(records, "hcl"), "plan": _found(records, "plan")}
    left_out: Counter[str] = Counter()
    for rule in rules:
        found = [parts[part].get(rule.name, Counter()) for part in parts]
        if all_of_them or any(each[Verdict.FAIL] or each[Verdict.UNKNOWN] for each in found):
            table.add_row(rule.name, rule.id, rule.severity.value, *map(_counts, found))
        else:
            left_out["hold" if any(each[Verdict.PASS] for each in found) else "find nothing that they speak of"] += 1
    if left_out:
        says = ", ".join(f"{count} {what}" for what, count in left_out.items())
        return Group(table, f"[dim]not listed without -v: {says}[/dim]")
    return table


def _found(records: Sequence[Record], part: str) -> dict[str, Counter[Verdict]]:
    found: dict[str, Counter[Verdict]] = {}
    for record in records:
        if record.part.startswith(part):
            found.setdefault(record.name, Counter()).update(finding.verdict for finding in record.findings)
    return found


def _counts(found: Counter[Verdict]) -> str:
    counts = [found[verdict] for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN)]
    return " / ".join(map(str, counts)) if any(counts) else "none"


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _count(number: int) -> str:
    return str(number) if number else "none"


def _last_line(result: Judged) -> str:
    if result.word == FAILED:
        ending = "; each reason stands above" if result.reason.endswith(result.scope) else ""
        return f"[bold red]GATE FAILED[/bold red]: {result.reason}{ending}"
    colour = "green" if result.word == PASSED else "yellow"
    return f"[bold {colour}]GATE {result.word.upper()}[/bold {colour}]: {result.reason}"
