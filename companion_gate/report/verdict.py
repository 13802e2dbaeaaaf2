"""The verdict of a run: whether it passed, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from aic_engine.rule import Verdict
from companion_gate.gate.judgement import Status
from companion_gate.report.records import Record

PASSED = "passed"
FAILED = "failed"
NOT_COMPLETE = "not complete"

_NARROWING = ("keyword", "markexpr", "deselect", "lf")
"""pytest's options that leave items out; under ``-n`` only the workers hear which."""

_ENDINGS = {
    int(pytest.ExitCode.TESTS_FAILED): "tests beside the stacks failed",
    int(pytest.ExitCode.INTERRUPTED): "the run was stopped before its end",
    int(pytest.ExitCode.NO_TESTS_COLLECTED): "nothing was asked; select some questions",
}


@dataclass(frozen=True)
class Ending:
    """How a run ended: pytest's exit code, why it cannot pass though nothing failed, and whether it was a part."""

    exitstatus: int
    fault: str
    narrowed: bool


@dataclass(frozen=True)
class Judged:
    """``word`` is one of the constants above, ``scope`` how much was asked, ``reason`` a sentence (empty: none due)."""

    word: str
    scope: str
    reason: str = ""


def judged(records: Sequence[Record], ending: Ending) -> Judged:
    """What a run as a whole says; only what was asked completely and failed nowhere has passed."""
    failed = sum(record.status == Status.FAILED for record in records)
    scope = _scope(records)
    if failed:
        return Judged(FAILED, scope, f"{failed} failed of {scope}")
    if ending.exitstatus != pytest.ExitCode.OK:
        reason = _ENDINGS.get(ending.exitstatus, f"pytest ended with exit code {int(ending.exitstatus)}")
        return Judged(FAILED, scope, f"{reason} ({scope})")
    if ending.fault:
        return Judged(FAILED, scope, f"{ending.fault} ({scope})")
    if ending.narrowed:
        return Judged(NOT_COMPLETE, scope, f"what was selected passed, but not all was ({scope})")
    return Judged(PASSED, scope, scope)


def _scope(records: Sequence[Record]) -> str:
    decisions = sum(
        finding.verdict is not Verdict.NOT_APPLICABLE
        for record in records
        if record.part
        for finding in record.findings
    )
    stacks = len({record.stack for record in records})
    parts = [_number(stacks, "stack"), _number(len(records), "question"), _number(decisions, "policy decision")]
    waived = len({(record.stack, each) for record in records for each in record.waived})
    return ", ".join([*parts, _number(waived, "waiver")] if waived else parts)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def is_narrowed(config: pytest.Config) -> bool:
    """Whether only some of the questions were to be asked."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    deselected = reporter is not None and reporter.stats.get("deselected")
    return bool(deselected) or any(config.getoption(name, None) for name in _NARROWING)


def not_applicable_at_all(records: Sequence[Record]) -> bool:
    """Whether policies were asked and none of them applied to anything at all."""
    asked = [record for record in records if record.findings or record.status == Status.NOT_APPLICABLE]
    return bool(asked) and not any(
        finding.verdict is not Verdict.NOT_APPLICABLE for record in asked for finding in record.findings
    )
