"""From the records of a run to its report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from aic_engine.rule import Finding, Rule, Verdict
from companion_gate.controls import controls
from companion_gate.gate.judgement import Status, with_line
from companion_gate.gate.waivers import Waiver, Waivers
from companion_gate.pages import AREAS
from companion_gate.report.contents import (
    SCHEMA,
    Judgement,
    Policy,
    Question,
    Report,
    SupportedControl,
    Waived,
)
from companion_gate.report.excerpts import excerpt
from companion_gate.report.records import Record
from companion_gate.report.verdict import Judged

SHOWN = ("failed", "undecided", "waived")
"""Outcomes that people have to look at."""

_KEYS = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Run:
    """What the reporters are told of a run beside its records; ``base`` is the folder that paths are relative to."""

    base: Path
    root: Path
    rules: tuple[Rule, ...]
    waivers: Waivers
    shard: str
    how: Mapping[str, str]
    began: datetime
    seconds: float


def build(records: Sequence[Record], result: Judged, run: Run) -> Report:
    """The report of a run."""
    told = {name: value for record in records for name, value in record.facts.items() if name != "resources"}
    asked = {record.stack for record in records}
    return Report(
        schema=SCHEMA,
        verdict=result.word,
        reason=result.reason,
        made=run.began.isoformat(timespec="seconds"),
        seconds=round(run.seconds, 1),
        scope=result.scope,
        how={**run.how, **told},
        root=relative(run.root, run.base),
        shard=run.shard,
        stacks=[relative(Path(stack), run.base) for stack in dict.fromkeys(record.stack for record in records)],
        areas=dict(AREAS),
        policies=policies(run.rules),
        questions=[_question(record, run.base) for record in records],
        judgements=list(_judgements(records, run)),
        waivers=[
            waived(waiver, run.base, run.waivers.today) for waiver in run.waivers.all if str(waiver.stack) in asked
        ],
    )


def policies(rules: Iterable[Rule]) -> list[Policy]:
    """What reports tell of the policies."""
    known = controls()
    return [
        Policy(
            id=rule.id,
            name=rule.name,
            area=rule.id.split("_")[2],
            title=rule.title,
            severity=rule.severity.value,
            why=rule.why,
            fix=rule.fix.strip(),
            sources=list(rule.sources),
            controls=[
                SupportedControl(
                    id=id_,
                    framework=known[id_].framework,
                    says=known[id_].says,
                    source=known[id_].source,
                    how=how,
                    cannot=known[id_].cannot,
                )
                for id_, how in rule.controls.items()
                if id_ in known
            ],
        )
        for rule in rules
    ]


def relative(path: Path, base: Path) -> str:
    """A path as reports show it: with slashes, relative to ``base`` where it lies below it; "." is the base itself."""
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def waived(waiver: Waiver, base: Path, today: date) -> Waived:
    return Waived(
        policy=waiver.policy,
        stack=relative(waiver.stack, base),
        address=waiver.address,
        owner=waiver.owner,
        reason=waiver.reason,
        ticket=waiver.ticket,
        expires=waiver.expires.isoformat(),
        days_left=(waiver.expires - today).days,
    )


def without_keys(address: str) -> str:
    """The address of a block, of that of an instance."""
    return _KEYS.sub("", address)


def fingerprint(policy: str, stack: str, address: str, path: str) -> str:
    """Identity of a finding from run to run; lines may move, and instances of a block are one."""
    text = "\0".join((policy, stack, without_keys(address), path))
    return hashlib.sha256(text.encode()).hexdigest()


def _question(record: Record, base: Path) -> Question:
    return Question(
        stack=relative(Path(record.stack), base),
        part=record.part,
        name=record.name,
        status=record.status,
        note=record.note,
        message=record.message,
        seconds=round(record.seconds, 3),
    )


def _judgements(records: Sequence[Record], run: Run) -> Iterator[Judgement]:
    rules = {rule.id: rule for rule in run.rules}
    for record in records:
        stack = Path(record.stack)
        for place, finding in enumerate(record.findings):
            if (rule := rules.get(finding.rule_id)) is not None:
                yield _judgement(record, finding, place in record.bad, run.waivers.covering(stack, rule, finding), run)


def _judgement(record: Record, finding: Finding, bad: bool, waiver: Waiver | None, run: Run) -> Judgement:
    outcome = _outcome(record, finding, bad, waiver is not None)
    if not record.part:
        finding = with_line(finding)
    file, line = Path(finding.file) if finding.file else None, finding.line or 0
    stack = relative(Path(record.stack), run.base)
    return Judgement(
        policy=finding.rule_id,
        stack=stack,
        part=record.part,
        outcome=outcome,
        address=finding.address,
        path=finding.path,
        expected=finding.expected,
        found=finding.actual,
        fix=finding.cure,
        file=relative(file, run.base) if file else "",
        line=line,
        excerpt=excerpt(file, line) if file and outcome in SHOWN else [],
        waiver=waived(waiver, run.base, run.waivers.today) if waiver and outcome == "waived" else None,
        fingerprint=fingerprint(finding.rule_id, stack, finding.address, finding.path),
    )


def _outcome(record: Record, finding: Finding, bad: bool, is_waived: bool) -> str:
    if finding.verdict is Verdict.NOT_APPLICABLE:
        return Status.NOT_APPLICABLE.value
    if finding.verdict is Verdict.PASS:
        return Status.PASSED.value
    if bad:
        return "failed" if finding.verdict is Verdict.FAIL else "undecided"
    if is_waived:
        return Status.WAIVED.value
    # An unknown that did not fail its item: HCL leaves it to the plan, a plan to what the HCL of the block says.
    return Status.UNDECIDED.value if record.part == "hcl" else Status.PASSED.value
