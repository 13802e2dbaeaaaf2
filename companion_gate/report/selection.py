"""What people look at first in a report."""

from __future__ import annotations

from companion_gate.gate.judgement import NOT_DECIDED
from companion_gate.report.build import SHOWN
from companion_gate.report.contents import Judgement, Policy, Question, Report

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


def unique(report: Report) -> list[Judgement]:
    """What people have to look at, each place once, the most severe first."""
    policies = by_id(report)
    found: dict[tuple[str, int, str], Judgement] = {}
    for each in report["judgements"]:
        if each["outcome"] in SHOWN:
            found.setdefault((each["fingerprint"], each["line"], each["outcome"]), each)
    return sorted(found.values(), key=lambda each: SEVERITIES.index(policies[each["policy"]]["severity"]))


def by_id(report: Report) -> dict[str, Policy]:
    return {policy["id"]: policy for policy in report["policies"]}


def not_checked(report: Report) -> list[Question]:
    """Failed questions that no judgement tells of: what could not be read, planned, scanned or asked."""
    policies = {policy["name"]: policy["id"] for policy in report["policies"]}
    told = {(each["stack"], each["part"], each["policy"]) for each in report["judgements"] if each["outcome"] in SHOWN}
    undecided = {each["stack"] for each in report["judgements"] if not each["part"]}
    found = [
        each
        for each in report["questions"]
        if each["status"] == "failed"
        and (each["stack"], each["part"], policies.get(each["name"], "")) not in told
        and not (each["name"] == "decided" and each["stack"] in undecided)
    ]
    causes = [each for each in found if not each["message"].startswith(NOT_DECIDED)]
    told_of = {each["stack"] for each in causes}
    # What another question stopped is told by that one; where that one was not asked, once for each reason.
    others = {(each["stack"], each["message"]): each for each in found if each["stack"] not in told_of}
    return [*causes, *others.values()]
