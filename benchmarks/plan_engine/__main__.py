"""Times the plan engine beside the usual ways to plan the same cases: ``python -m benchmarks.plan_engine`` (Linux).

All in one run, in fresh processes and folders, round by round; CPU seconds are user plus system of the whole process
tree, providers and killed processes included (reaper.py). The emulated AWS runs in this process and is counted for
nobody. Plans of the engine are compared with those of naive tftest (equality.py); exit code 1 when one differs.
``--write`` puts the result into RESULTS-plan-engine.md beside RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.plan_engine import breakdown, report
from benchmarks.plan_engine.cases import NAIVE, QUICK, Case, all_cases
from benchmarks.plan_engine.equality import compared
from benchmarks.plan_engine.roots import write_roots
from benchmarks.plan_engine.rows import NAIVE as NAIVE_ROW
from benchmarks.plan_engine.rows import PLANS, all_rows, progress, run_rounds
from benchmarks.plan_engine.strategies import Strategies, Surroundings
from companion_gate.aws.target import aws_target
from companion_gate.terraform.session import TerraformSession

RESULTS = Path(__file__).resolve().parents[1] / "RESULTS-plan-engine.md"
_HEADING = (
    "# Speed of the plan engine\n\nMade by `python -m benchmarks.plan_engine --write`; ratios say more than seconds."
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    cases = [case for case in all_cases() if not options.quick or case.name in QUICK]
    naive = _subset(cases, options.naive_cases)
    with (
        tempfile.TemporaryDirectory(prefix="companion-gate-benchmark-") as name,
        aws_target("embedded") as aws,
        TerraformSession.open(endpoint_url=aws.url) as session,
    ):
        # The server makes its parts when they are first asked for, which must hit no row.
        aws.client("opensearch", "eu-central-1").list_domain_names()
        around = Surroundings(Path(name), session)
        if options.profile:
            sys.stdout.write(breakdown.text(Strategies(around, cases).breakdown(), len(cases)) + "\n")
            return 0
        plans = around.folder("plans")
        for folder in PLANS.values():
            (plans / folder).mkdir()
        rows = all_rows(around, cases, naive, quick=options.quick)
        run_rounds([*rows.values()], 1 if options.quick else options.runs, plans)
        if rest := [case for case in cases if case not in naive]:
            progress(f"plans of the other {len(rest)} cases by naive tftest, to compare with")
            Strategies(around, rest).naive(plans / PLANS[NAIVE_ROW])
        names = [case.name for case in cases]
        ours = {row: plans / folder for row, folder in PLANS.items() if row != NAIVE_ROW}
        different = compared(names, plans / PLANS[NAIVE_ROW], ours)
        verdict = report.Verdict(len(cases), [case.name for case in naive], different)
        text = report.text(rows, verdict, _versions(session))
        where = "" if options.quick else breakdown.text(Strategies(around, cases).breakdown(), len(cases))
    # The line for programs is the last one of both.
    text = f"{where}\n\n{text}" if where else text
    sys.stdout.write(text + "\n")
    if options.write:
        RESULTS.write_text(f"{_HEADING}\n\n{text}\n", encoding="utf-8")
    return 1 if verdict.different else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan_engine", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--runs", type=_positive, default=5, metavar="N", help="rounds over all rows (default: 5)")
    parser.add_argument(
        "--naive-cases",
        type=_positive,
        metavar="N",
        help=f"cases of the rows that cost seconds for each (default: {len(NAIVE)} over all modules)",
    )
    parser.add_argument("--quick", action="store_true", help="one round of the rows over cases, on a few of them")
    parser.add_argument("--profile", action="store_true", help="only tell where the CPU of the cold plan engine goes")
    parser.add_argument("--write", action="store_true", help=f"also write {RESULTS.name} beside RESULTS.md")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def _subset(cases: Sequence[Case], count: int | None) -> list[Case]:
    """The fixed subset for the slow rows, or the first `count` cases, those of the subset before all others."""
    fixed = [case for case in cases if case.name in NAIVE]
    return fixed if count is None else [*fixed, *(case for case in cases if case not in fixed)][:count]


def _versions(session: TerraformSession) -> str:
    """Terraform's version, and the provider's as init chooses it for a case."""
    root = write_roots(all_cases()[:1], session.new_folder())[0]
    env = Surroundings(root, session).stock
    for command in (("init", "-input=false"), ("version", "-json")):
        done = subprocess.run((session.binary.path, *command), cwd=root, env=env, capture_output=True, check=True)
    told = json.loads(done.stdout)
    providers = ", ".join(f"{name.split('/')[-1]} {version}" for name, version in told["provider_selections"].items())
    return f"Terraform {told['terraform_version']}, provider {providers}"


if __name__ == "__main__":
    sys.exit(main())
