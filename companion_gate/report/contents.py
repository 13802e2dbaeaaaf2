"""What a report holds, whatever it is written as; the JSON report is this, and ``report-1.schema.json`` its schema."""

from __future__ import annotations

from typing import TypedDict

SCHEMA = "companion-gate/report/1"
"""Raised when a reader of the last one could misread the next."""


class Line(TypedDict):
    """A line of a source file; ``number`` counts from 1."""

    number: int
    text: str


class Waived(TypedDict):
    """Who answers for a finding, until the end of which day (ISO 8601), and why."""

    policy: str
    stack: str
    address: str
    owner: str
    reason: str
    ticket: str
    expires: str
    days_left: int
    """From the day of the run; below zero: it has expired, and covers nothing."""


class Judgement(TypedDict):
    """What one policy says of one resource. Paths are relative to the report's ``base``."""

    policy: str
    """Id, such as ``CKV_AIC_MEM_001``."""
    stack: str
    part: str
    """``hcl``, or the name of a plan; empty where neither decided."""
    outcome: str
    """``passed``, ``failed``, ``undecided``, ``waived``, ``left to the plan`` or ``not applicable``."""
    address: str
    path: str
    """The argument, such as ``ttl[0].enabled``; may be empty."""
    expected: str
    found: str
    fix: str
    file: str
    line: int
    """From 1; 0: not known."""
    excerpt: list[Line]
    """The lines around it, for what failed, is undecided or is waived; literals of secret arguments are masked."""
    waiver: Waived | None
    fingerprint: str
    """The same for the same policy, stack, resource and argument, wherever the lines move to."""


class Question(TypedDict):
    """One item of the run; ``message`` is why it failed."""

    stack: str
    part: str
    name: str
    status: str
    note: str
    message: str
    seconds: float


class SupportedControl(TypedDict):
    """A requirement that a policy supports, and ``how``; ``cannot`` is what infrastructure does not decide of it."""

    id: str
    framework: str
    says: str
    source: str
    how: str
    cannot: str


class Policy(TypedDict):
    """A policy that was asked."""

    id: str
    name: str
    area: str
    """``SAFE``, ``MEM`` and so on."""
    title: str
    severity: str
    why: str
    fix: str
    sources: list[str]
    controls: list[SupportedControl]


class Report(TypedDict):
    """A whole run."""

    schema: str
    verdict: str
    """``passed``, ``failed`` or ``not complete``."""
    reason: str
    """One sentence on the verdict."""
    made: str
    """ISO 8601 with the offset from UTC."""
    seconds: float
    """Wall time of the run; of a merged report, the sum."""
    scope: str
    """How much was asked, in words."""
    how: dict[str, str]
    """Versions, the AWS, the profile and what else says how the run was done."""
    root: str
    """Where ``companion-waivers.toml`` lies, and what the stacks of waivers are relative to."""
    shard: str
    """``2/4`` where only the second of four parts of the stacks was judged; empty: all of them were."""
    stacks: list[str]
    areas: dict[str, str]
    """Title of each policy family, by its area."""
    policies: list[Policy]
    questions: list[Question]
    judgements: list[Judgement]
    waivers: list[Waived]
