"""What the items of a run left for the reporters."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from aic_engine.rule import Finding

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

    def to_property(self) -> tuple[str, str]:
        data = {**self.__dict__, "findings": [finding.to_json() for finding in self.findings]}
        return PROPERTY, json.dumps(data)


def record_of(report: object) -> Record | None:
    """The record of a gate item's report, or None for any other report."""
    if not isinstance(report, pytest.TestReport) or report.when != "call":
        return None
    for name, value in report.user_properties:
        if name == PROPERTY:
            data = json.loads(str(value))
            findings = tuple(Finding.from_json(item) for item in data["findings"])
            return Record(**{**data, "findings": findings, "waived": tuple(data["waived"])})
    return None


class Recorder:
    """A pytest plugin that keeps the records of a run, the ones of its ``-n`` workers included."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record = record_of(report)
        if record is not None:
            self.records.append(record)
