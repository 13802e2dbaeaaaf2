"""One report of several: the shards of a run, or runs of several repositories' parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.syntax import shown
from companion_gate.report.contents import SCHEMA, Policy, Report
from companion_gate.report.verdict import FAILED, NOT_COMPLETE, PASSED

_WORST = (FAILED, NOT_COMPLETE, PASSED)


def read_report(file: Path) -> Report:
    """A JSON report. Raises GateError for a file that is none, or one of another version."""
    try:
        report: Report = json.loads(file.read_text(encoding="utf-8"))
        schema = report["schema"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(f"{shown(file)} is no JSON report; write one with --gate-report FILE.json") from error
    if schema != SCHEMA:
        raise GateError(f"{shown(file)} is a {schema}, and this companion-gate reads {SCHEMA}; install its version")
    return report


def _require_whole(shards: Sequence[str]) -> None:
    """Raises GateError where a job of a matrix is missing, whose stacks nobody would have judged."""
    numbers = [tuple(map(int, shard.split("/"))) for shard in shards if shard]
    counts = {count for _, count in numbers}
    if len(counts) > 1:
        raise GateError(
            f"the reports are of splits into {' and '.join(map(str, sorted(counts)))}; give those of one run"
        )
    for count in counts:
        if missing := sorted(set(range(1, count + 1)) - {number for number, _ in numbers}):
            raise GateError(f"the report of shard {missing[0]}/{count} is missing; nobody may have judged its stacks")


def merged(reports: Sequence[Report]) -> Report:
    """The worst verdict, and all that was asked.

    Raises GateError where two tell of the same stack, or a shard is missing.
    """
    seen: set[str] = set()
    for report in reports:
        if again := seen.intersection(report["stacks"]):
            raise GateError(f"two reports tell of {sorted(again)[0]}; give each stack once")
        seen.update(report["stacks"])
    _require_whole([report["shard"] for report in reports])
    verdict = min((report["verdict"] for report in reports), key=_WORST.index)
    policies: dict[str, Policy] = {policy["id"]: policy for report in reports for policy in report["policies"]}
    scope = "; ".join(report["scope"] for report in reports)
    how: dict[str, dict[str, None]] = {}
    for report in reports:
        for name, value in report["how"].items():
            how.setdefault(name, {})[value] = None
    return Report(
        schema=SCHEMA,
        verdict=verdict,
        reason="; ".join(report["reason"] for report in reports if report["verdict"] == verdict),
        made=max(report["made"] for report in reports),
        seconds=round(sum(report["seconds"] for report in reports), 1),
        scope=scope,
        how={name: "; ".join(values) for name, values in how.items()},
        root=reports[0]["root"],
        shard="",
        stacks=[stack for report in reports for stack in report["stacks"]],
        areas={area: title for report in reports for area, title in report["areas"].items()},
        policies=[policies[id_] for id_ in sorted(policies)],
        questions=[each for report in reports for each in report["questions"]],
        judgements=[each for report in reports for each in report["judgements"]],
        waivers=[each for report in reports for each in report["waivers"]],
    )
