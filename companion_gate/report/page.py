"""The HTML page: one file with everything in it, for people who answer for safety and need not be engineers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from companion_gate.gate.judgement import NOT_DEPLOYED
from companion_gate.report.build import SHOWN
from companion_gate.report.contents import Judgement, Policy, Report, SupportedControl, Waived
from companion_gate.report.selection import by_id, not_checked, unique
from companion_gate.version import VERSION

OUTCOMES = ("failed", "undecided", "waived", "passed", "left to the plan", "not applicable")
"""The worst first: a policy's outcome for a stack is the first of these that any of its judgements has."""

WORDS = {
    "failed": "to mend",
    "undecided": "not decided",
    "waived": "waived",
    "passed": "holds",
    "left to the plan": "left to the plan",
    "not applicable": "nothing of it here",
}


@dataclass(frozen=True)
class Cell:
    """One policy family in one stack: the worst outcome, and how many policies have which."""

    worst: str
    counts: dict[str, int]

    @property
    def asked(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Finding:
    """One place, with the front ends that found it."""

    judgement: Judgement
    parts: tuple[str, ...]
    waiver: Waived | None


@dataclass(frozen=True)
class Group:
    """One policy, and the places where people have to look at it."""

    policy: Policy
    findings: list[Finding]


@dataclass(frozen=True)
class ControlRow:
    """A control, and the policies that support it by what they came to."""

    control: SupportedControl
    outcomes: dict[str, list[str]]

    @property
    def worst(self) -> str:
        return next((each for each in OUTCOMES if each in self.outcomes), "not applicable")


def page(report: Report) -> str:
    """The page's text. It loads nothing and sends nothing."""
    environment = Environment(
        loader=PackageLoader("companion_gate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = _findings(report)
    outcomes = _outcomes(report)
    matrix = {stack: {area: _cell(outcomes, stack, area) for area in report["areas"]} for stack in report["stacks"]}
    told = {
        "version": VERSION,
        "made": datetime.fromisoformat(report["made"]).strftime("%d %B %Y, %H:%M %Z").rstrip(),
        "words": WORDS,
        "groups": {outcome: _groups(found, outcome, by_id(report)) for outcome in SHOWN},
        "count": Counter(each.judgement["outcome"] for each in found),
        "stopped": not_checked(report),
        "matrix": matrix,
        "outcomes": outcomes,
        "totals": Counter(outcome for policies in outcomes.values() for outcome in policies.values()),
        "frameworks": _frameworks(report, outcomes),
        "left_out": [each for each in report["questions"] if each["note"].startswith(NOT_DEPLOYED)],
    }
    return environment.get_template("page.html.j2").render(report=report, policies=by_id(report), **told)


def _findings(report: Report) -> list[Finding]:
    parts: dict[tuple[str, int], dict[str, None]] = {}
    for each in report["judgements"]:
        parts.setdefault((each["fingerprint"], each["line"]), {})[each["part"]] = None
    return [
        Finding(
            each,
            tuple(filter(None, parts[each["fingerprint"], each["line"]])),
            each["waiver"],
        )
        for each in unique(report)
    ]


def _groups(found: Sequence[Finding], outcome: str, policies: dict[str, Policy]) -> list[Group]:
    groups: dict[str, Group] = {}
    for each in found:
        if each.judgement["outcome"] == outcome:
            id_ = each.judgement["policy"]
            groups.setdefault(id_, Group(policies[id_], [])).findings.append(each)
    return list(groups.values())


def _outcomes(report: Report) -> dict[str, dict[str, str]]:
    """Stack -> id of a policy -> the worst of what it came to, of all policies that were asked."""
    found: dict[str, dict[str, str]] = {stack: {} for stack in report["stacks"]}
    names = {policy["name"]: policy["id"] for policy in report["policies"]}
    seen = [(each["stack"], each["policy"], each["outcome"]) for each in report["judgements"]]
    failing = {
        (each["stack"], each["part"], each["policy"])
        for each in report["judgements"]
        if each["outcome"] in ("failed", "undecided")
    }
    for question in report["questions"]:
        if (id_ := names.get(question["name"])) is not None:
            # A policy that failed without a judgement that says so could not be asked.
            told = (question["stack"], question["part"], id_) in failing
            outcome = "undecided" if question["status"] == "failed" and not told else "not applicable"
            seen.append((question["stack"], id_, outcome))
    for stack, id_, outcome in seen:
        found[stack][id_] = _worst((outcome, found[stack].get(id_, outcome)))
    return found


def _worst(outcomes: Iterable[str]) -> str:
    return min(outcomes, key=OUTCOMES.index)


def _cell(outcomes: dict[str, dict[str, str]], stack: str, area: str) -> Cell | None:
    counts = Counter(outcome for id_, outcome in outcomes[stack].items() if id_.split("_")[2] == area)
    return Cell(_worst(counts), dict(counts)) if counts else None


def _frameworks(report: Report, outcomes: dict[str, dict[str, str]]) -> dict[str, Sequence[ControlRow]]:
    over_all = {
        policy["id"]: _worst(each.get(policy["id"], "not applicable") for each in outcomes.values() or [{}])
        for policy in report["policies"]
    }
    rows: dict[str, ControlRow] = {}
    for policy in report["policies"]:
        for control in policy["controls"]:
            row = rows.setdefault(control["id"], ControlRow(control, {}))
            row.outcomes.setdefault(over_all[policy["id"]], []).append(policy["name"])
    frameworks: dict[str, list[ControlRow]] = {}
    for row in rows.values():
        frameworks.setdefault(row.control["framework"], []).append(row)
    return {name: sorted(frameworks[name], key=lambda row: row.control["id"]) for name in sorted(frameworks)}
