"""``companion-gate waive``: an existing stack begins with the debts that it has, each with a last day."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from companion_gate import POLICIES_FOLDER
from companion_gate.cli.check import judge
from companion_gate.errors import GateError
from companion_gate.gate.options import WAIVERS
from companion_gate.gate.run import load_policies
from companion_gate.gate.waivers import FIELDS, LONGEST, read_waivers
from companion_gate.report.build import without_keys
from companion_gate.report.contents import Judgement, Report
from companion_gate.report.how import repository
from companion_gate.report.selection import by_id, not_checked

_REASON = "Was there when the gate was adopted."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        f"Appends to {WAIVERS} in pytest's root folder. Critical findings are waived only with --critical:\n"
        "look at them first. What could not be read, planned or decided has no waiver; mend it."
    )
    parser.add_argument("folders", nargs="+", metavar="DIR", help="a Terraform root, or a folder of some")
    parser.add_argument("--owner", required=True, help="who answers for it")
    parser.add_argument("--ticket", required=True, help="where its end is planned")
    parser.add_argument("--expires", required=True, metavar="YYYY-MM-DD", help=f"last day, within {LONGEST.days} days")
    parser.add_argument("--reason", default=_REASON, help=f"default: {_REASON}")
    parser.add_argument("--profile", default="baseline", help="the policies that are asked (default: baseline)")
    parser.add_argument("--critical", action="store_true", help="waive critical findings as well")


def run(options: argparse.Namespace) -> int:
    try:
        expires = date.fromisoformat(options.expires)
    except ValueError:
        raise GateError(f"--expires {options.expires}: write a day as 2026-12-31") from None
    report = _report(options.folders, options.profile)
    if stopped := not_checked(report):
        first = stopped[0]
        raise GateError(f"{first['stack']}::{first['name']} has to be mended first: {first['message']}")
    root = repository(Path.cwd()) / report["root"]
    policies = by_id(report)
    found = _each_instance([each for each in report["judgements"] if each["outcome"] in ("failed", "undecided")])
    critical = [each for each in found if policies[each["policy"]]["severity"] == "CRITICAL"]
    left = [] if options.critical else critical
    said = {"owner": options.owner, "reason": options.reason, "ticket": options.ticket}
    entries = dict.fromkeys(
        _entry(each, policies[each["policy"]]["name"], root, said, expires) for each in found if each not in left
    )
    file = root / WAIVERS
    _append(file, list(entries), root)
    sys.stdout.write(f"{len(entries)} waivers until {expires} in {os.path.relpath(file)}\n")
    for name, address in dict.fromkeys((policies[each["policy"]]["name"], each["address"]) for each in left):
        sys.stdout.write(f"not waived, critical: {name} on {address}\n")
    return 1 if left else 0


def _report(folders: list[str], profile: str) -> Report:
    with tempfile.TemporaryDirectory(prefix="companion-gate-waive-") as name:
        file = Path(name) / "report.json"
        output = judge(folders, ["--gate-profile", profile, "--gate-report", str(file), "-q", "--color=no"])
        if not file.is_file():
            last = [line for line in output.strip().splitlines() if line.startswith("ERROR")] or ["it was stopped"]
            raise GateError(f"the gate could not run: {last[-1].removeprefix('ERROR: ')}")
        report: Report = json.loads(file.read_text(encoding="utf-8"))
    return report


def _each_instance(found: list[Judgement]) -> list[Judgement]:
    """A waiver of an instance covers its block in the HCL too, and one of the block covers no instance."""
    keyed = {(each["stack"], each["policy"], without_keys(each["address"])) for each in found if "[" in each["address"]}
    return [each for each in found if (each["stack"], each["policy"], each["address"]) not in keyed]


def _entry(judgement: Judgement, policy: str, root: Path, said: Mapping[str, str], expires: date) -> str:
    stack = os.path.relpath(repository(Path.cwd()) / judgement["stack"], root)
    values = {"policy": policy, "stack": Path(stack).as_posix(), "address": judgement["address"], **said}
    width = max(map(len, FIELDS))
    lines = [f"{name:<{width}} = {json.dumps(values[name], ensure_ascii=False)}" for name in FIELDS[:-1]]
    return "\n".join(["[[waiver]]", *lines, f"{'expires':<{width}} = {expires.isoformat()}"]) + "\n"


def _append(file: Path, entries: list[str], root: Path) -> None:
    """Raises GateError, and writes nothing, where the file would not be one of waivers."""
    old = file.read_text(encoding="utf-8") if file.is_file() else ""
    text = "\n".join(filter(None, [old, *entries]))
    with tempfile.TemporaryDirectory(prefix="companion-gate-waive-") as name:
        tried = Path(name) / WAIVERS
        tried.write_text(text, encoding="utf-8")
        read_waivers(tried, root, load_policies(POLICIES_FOLDER), date.today())
    file.write_text(text, encoding="utf-8")
