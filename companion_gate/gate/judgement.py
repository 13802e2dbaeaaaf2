"""From findings to the outcome of one item, and the words of its failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from aic_engine.rule import Finding, Rule, Verdict
from companion_gate.hcl.locate import locate
from companion_gate.hcl.secrets import masked


class Status(StrEnum):
    """What an item says. Only FAILED fails the run; UNDECIDED is settled by the item ``decided`` of its stack."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "left to the plan"
    NOT_APPLICABLE = "not applicable"
    WAIVED = "waived"


NOT_DECIDED = "not decided: "
"""How the message of an item begins that another one's failure stopped."""

NOT_DEPLOYED = "not deployed, and no input deploys it: "
"""How the note of a stack begins that leaves blocks out."""

WaiverFor = Callable[[Finding], object | None]
"""The waiver that covers a finding, if there is one."""


class NotGood(Exception):  # noqa: N818 - the judged code is not good; the gate itself made no error
    """The stack does not hold what the item asks; the message is for people, ``findings`` are for the reporters.

    ``bad`` are those of the findings because of which it does not.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = (), bad: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.bad = tuple(place for place, finding in enumerate(findings) if finding in bad)


@dataclass
class Outcome:
    """The result of one item that did not fail."""

    status: Status
    findings: list[Finding] = field(default_factory=list)
    note: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """What the reporters tell about how the run was done."""
    waived: tuple[str, ...] = ()
    """The waivers that answer for what was found."""
    kept: bool | None = None
    """Whether the scan or plan that the item stands for was made by an earlier run; None: it stands for none."""


def judge_hcl(rule: Rule, findings: Sequence[Finding], waiver_for: WaiverFor = lambda _: None) -> Outcome:
    """A policy on HCL: a violation fails; what HCL cannot tell is left to the plan."""
    return _outcome(rule, [finding for finding in findings if finding.verdict is Verdict.FAIL], findings, waiver_for)


def judge_plan(
    rule: Rule, findings: Sequence[Finding], on_hcl: Sequence[Finding], waiver_for: WaiverFor = lambda _: None
) -> Outcome:
    """A policy on a plan: a violation fails, and so does what neither the plan nor the HCL of the block can tell."""
    # A module that is called twice has two findings for one block: one pass does not settle the other call.
    passed = {place(finding) for finding in on_hcl if finding.verdict is Verdict.PASS}
    settled = passed - {place(finding) for finding in on_hcl if finding.verdict is Verdict.UNKNOWN}
    bad = [
        finding
        for finding in findings
        if finding.verdict is Verdict.FAIL or (finding.verdict is Verdict.UNKNOWN and place(finding) not in settled)
    ]
    return _outcome(rule, bad, findings, waiver_for)


def still_undecided(on_hcl: Sequence[Finding], on_plans: Sequence[Finding]) -> list[Finding]:
    """What HCL could not tell and no plan settled, because no plan has an instance of the block."""
    settled = {(finding.rule_id, *place(finding)) for finding in on_plans if finding.verdict is not Verdict.UNKNOWN}
    return [
        finding
        for finding in on_hcl
        if finding.verdict is Verdict.UNKNOWN and (finding.rule_id, *place(finding)) not in settled
    ]


def place(finding: Finding) -> tuple[str, str]:
    """The folder and block that a finding speaks of: what HCL and plan have in common."""
    folder = str(Path(finding.file).resolve().parent) if finding.file else ""
    return folder, finding.block


def _refuse(rule: Rule, bad: Sequence[Finding], findings: Sequence[Finding]) -> None:
    if not bad:
        return
    lines = [f"{rule.id} {rule.name} ({rule.severity.value}): {rule.title}"]
    # A module that several roots below the stack call is found once for each of them.
    for told in dict.fromkeys(tuple(explain(finding)) for finding in bad):
        lines += told
    lines += [f"  why:      {rule.why}"]
    raise NotGood("\n".join(lines), findings, bad)


def explain(finding: Finding) -> list[str]:
    """One finding in the form that every failure of the gate has."""
    where = f"{finding.address}.{finding.path}" if finding.path else finding.address
    lines = [where, f"  expected: {finding.expected}", f"  found:    {finding.actual}", f"  fix:      {finding.cure}"]
    if finding.file:
        lines.append(f"  source:   {source_line(finding)}")
    return lines


def with_line(finding: Finding) -> Finding:
    """A finding of the HCL front end knows its block's line; the attribute's own line is for people."""
    if finding.file is None or not finding.path:
        return finding
    type_, _, name = finding.block.partition(".")
    line = locate(Path(finding.file).parent, type_, name, finding.path)
    return finding if line is None else replace(finding, file=str(line.file), line=line.line)


def source_line(finding: Finding) -> str:
    """``modules/x/main.tf:12: enabled = false``, relative to the working folder where that is shorter."""
    path = Path(finding.file or "")
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    if finding.line is None:
        return str(shown)
    text = path.read_text(encoding="utf-8").split("\n")[finding.line - 1].strip() if path.is_file() else ""
    return f"{shown}:{finding.line}: {masked(text)}".rstrip(": ")


def _outcome(rule: Rule, bad: Sequence[Finding], findings: Sequence[Finding], waiver_for: WaiverFor) -> Outcome:
    waivers = {finding: waiver for finding in bad if (waiver := waiver_for(finding)) is not None}
    _refuse(rule, [finding for finding in bad if finding not in waivers], findings)
    if waivers:
        waived = tuple(dict.fromkeys(map(str, waivers.values())))
        return Outcome(Status.WAIVED, list(findings), "; ".join(waived), waived=waived)
    verdicts = {finding.verdict for finding in findings}
    if Verdict.UNKNOWN in verdicts:
        return Outcome(Status.UNDECIDED, list(findings))
    if Verdict.PASS in verdicts:
        return Outcome(Status.PASSED, list(findings))
    return Outcome(Status.NOT_APPLICABLE, list(findings))
