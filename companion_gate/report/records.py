"""What the items of a run left for the reporters."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from aic_engine.rule import Finding, Rule

PROPERTY = "companion_gate"
"""The user property of a test report that carries an item's record, so that it survives ``pytest -n``."""


@dataclass(frozen=True)
class Record:
    """The result of one item: ``part`` is ``hcl`` or a plan's name, empty for the stack's own items.

    ``kept`` says of a scan or plan whether an earlier run made it; None of all other items.
    """

    stack: str
    part: str
    name: str
    status: str
    note: str
    seconds: float
    findings: tuple[Finding, ...]
    facts: dict[str, str]
    kept: bool | None = None
    waived: tuple[str, ...] = ()
    """Whoever answers for what was found, until when, and why."""
    message: str = ""
    """Why it failed."""
    bad: tuple[int, ...] = ()
    """Which of the findings made it fail, by their place."""

    def to_property(self) -> tuple[str, str]:
        data = {**self.__dict__, "findings": [finding.to_json() for finding in self.findings]}
        return PROPERTY, json.dumps(data)


def record_of(report: object) -> Record | None:
    """The record of a gate item's report, or None for any other report."""
    return _carried(report) if isinstance(report, pytest.TestReport) and report.when == "call" else None


def _carried(report: pytest.TestReport) -> Record | None:
    if (kept := getattr(report, PROPERTY, None)) is not None:
        found: Record = kept
        return found
    for name, value in report.user_properties:
        if name == PROPERTY:
            data = json.loads(str(value))
            findings = tuple(Finding.from_json(item) for item in data["findings"])
            return Record(**{**data, "findings": findings, "waived": tuple(data["waived"]), "bad": tuple(data["bad"])})
    return None


class Refusal:
    """Why an item failed, as pytest shows it: whole in its place, its first line in summaries and JUnit files."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.reprcrash = SimpleNamespace(message=text.partition("\n")[0])

    def __str__(self) -> str:
        return self._text

    def toterminal(self, writer: Any) -> None:
        writer.line(self._text)


class Recorder:
    """A pytest plugin that keeps the records of a run, the ones of its ``-n`` workers included."""

    def __init__(self, rules: Sequence[Rule], stacks: Collection[str], is_worker: bool) -> None:
        """``stacks`` are the ids of the stacks' nodes."""
        self.records: list[Record] = []
        self.skipped: list[str] = []
        """Questions that somebody has marked, so that they are not asked, or that their answer does not count."""
        self._stacks = stacks
        self._rules = {rule.name: rule for rule in rules}
        self._is_worker = is_worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and report.nodeid.partition("::")[0] in self._stacks:
            self.skipped.append(report.nodeid)
        record = _carried(report)
        if record is None:
            return
        if report.when == "call":
            self.records.append(record)
        if not self._is_worker:
            # JUnit files show the properties, those of the teardown too: what people read, not what a worker sends.
            report.user_properties[:] = [each for each in report.user_properties if each[0] != PROPERTY]
            report.user_properties += list(self._readable(record))
            setattr(report, PROPERTY, record)
            if isinstance(report.longrepr, str):
                setattr(report, "longrepr", Refusal(report.longrepr))  # noqa: B010 - pytest asks no more of it than this

    def _readable(self, record: Record) -> Iterator[tuple[str, str]]:
        yield "status", record.status
        if (rule := self._rules.get(record.name)) is not None:
            yield "policy", rule.id
            yield "severity", rule.severity.value
            yield "controls", ", ".join(rule.controls)
        for each in record.waived:
            yield "waiver", each
