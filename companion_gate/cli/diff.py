"""``companion-gate diff``: what a change makes weaker."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from aic_engine.graph import Graph
from aic_engine.profiles import select
from aic_engine.rule import Rule, RuleError
from companion_gate import POLICIES_FOLDER
from companion_gate.cli.stacks import gate_run
from companion_gate.drift.compare import Change, compare
from companion_gate.drift.settings import Direction
from companion_gate.drift.sources import file_of, graph_of_file, repository_of, written_out
from companion_gate.drift.words import WRITERS, Changes, markdown
from companion_gate.errors import GateError
from companion_gate.gate.options import WAIVERS
from companion_gate.gate.run import load_policies
from companion_gate.gate.stack import cases_of
from companion_gate.gate.waivers import Waiver, Waivers, read_waivers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Examples:\n"
        "  companion-gate diff origin/main --stack infra/prod            a branch's work tree against main\n"
        "  companion-gate diff v1.2 v1.3 --stack infra/prod --stack infra/dev\n"
        "  companion-gate diff before.json after.json                    two plans: terraform show -json PLANFILE\n"
        "The exit status is 1 where something is weaker and companion-waivers.toml has no new waiver for it;\n"
        "the output says what to write. A waiver that was there before the change does not cover it.\n"
        "On GitHub the comparison is added to the step's summary."
    )
    parser.add_argument("before", help="a git ref, or a plan in JSON")
    parser.add_argument("after", nargs="?", help="a git ref, or a plan in JSON (default: the work tree)")
    parser.add_argument(
        "--stack", action="append", default=[], type=Path, metavar="DIR", help="for refs: a Terraform root; repeatable"
    )
    parser.add_argument("--profile", default="baseline", help="the policies that are asked (default: baseline)")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")


def run(options: argparse.Namespace) -> int:
    loaded = load_policies(POLICIES_FOLDER)
    try:
        rules = select(loaded, options.profile)
        changes = _changes(options, rules)
    except RuleError as error:
        raise GateError(str(error)) from error
    waivers = read_waivers(Path.cwd() / WAIVERS, Path.cwd(), loaded, date.today())
    old = _old_waivers(options.before)
    new = Waivers(tuple(each for each in waivers.all if _said(each) not in old), waivers.today)
    covered = {
        (stack, change): waiver
        for stack, found in changes.items()
        for change in found
        if (waiver := _waiver(new, stack, change)) is not None
    }
    sys.stdout.write(WRITERS[options.format](changes, covered))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as out:
            out.write(markdown(changes, covered))
    weaker = [
        (stack, change) for stack, found in changes.items() for change in found if change.direction is Direction.WEAKER
    ]
    return 1 if any(each not in covered for each in weaker) else 0


def _changes(options: argparse.Namespace, rules: Sequence[Rule]) -> Changes:
    before, after = Path(options.before), Path(options.after or "")
    if before.is_file():
        if not options.after or not after.is_file():
            raise GateError(f"{options.before} is a plan; name another plan to compare it with")
        if len(options.stack) > 1:
            raise GateError("two plans are of one stack; give --stack once at most, for its waivers")
        stack = str(options.stack[0]) if options.stack else "."
        return {stack: compare(graph_of_file(before), graph_of_file(after), rules)}
    if not options.stack:
        raise GateError("say which Terraform roots to compare: --stack infra/prod")
    return dict(_between_refs(options, rules))


def _between_refs(options: argparse.Namespace, rules: Sequence[Rule]) -> Iterator[tuple[str, list[Change]]]:
    top = repository_of(Path.cwd())
    names = [os.path.relpath(stack.absolute(), top) for stack in options.stack]
    with tempfile.TemporaryDirectory(prefix="companion-gate-diff-") as folder:
        then = written_out(top, options.before, Path(folder) / "before")
        now = written_out(top, options.after, Path(folder) / "after") if options.after else top
        for stack, name in zip(options.stack, names, strict=True):
            sides = [side / name for side in (then, now)]
            if not any(side.is_dir() for side in sides):
                raise GateError(f"--stack {stack}: neither side has such a folder; name a Terraform root")
            if not sides[0].is_dir():
                sys.stderr.write(f"companion-gate: {options.before} has no {stack}: nothing to compare, judge it\n")
            before, after = (_graph(side, options.profile) for side in sides)
            yield str(stack), compare(before, after, rules)


def _graph(stack: Path, profile: str) -> Graph:
    """The graph of a stack's plan; an empty one where there is no such stack."""
    if not stack.is_dir():
        return Graph([])
    with gate_run([stack], profile) as gate:
        cases = [case for each in gate.options.stacks for case in cases_of(each)]
        if len(cases) != 1:
            raise GateError(f"{stack.name}: is planned in {len(cases)} ways; name one Terraform root")
        return gate.plan(cases[0]).graph


def _old_waivers(before: str) -> set[tuple[str, str, str]]:
    """Policy, address and last day of the waivers that the side before has: they were given for other changes."""
    if Path(before).is_file():
        return set()
    top = repository_of(Path.cwd())
    try:
        entries = tomllib.loads(file_of(top, before, Path.cwd() / WAIVERS)).get("waiver", [])
    except ValueError:
        return set()
    return {(str(each.get("policy")), str(each.get("address")), str(each.get("expires"))) for each in entries}


def _said(waiver: Waiver) -> tuple[str, str, str]:
    return waiver.policy, waiver.address, str(waiver.expires)


def _waiver(waivers: Waivers, stack: str, change: Change) -> Waiver | None:
    folder = (Path.cwd() / stack).resolve()
    return next(
        (
            each
            for each in waivers.of(folder)
            if each.policy == change.id and each.address == change.address and each.expires >= waivers.today
        ),
        None,
    )
