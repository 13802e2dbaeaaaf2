"""``companion-gate report``: JSON reports of several jobs as one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from companion_gate.report.merge import merged, read_report
from companion_gate.report.verdict import PASSED
from companion_gate.report.write import checked_report, write_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Example, after the shards of a CI matrix:\n"
        "  companion-gate report shard-1.json shard-2.json --to gate.html --to gate.sarif\n"
        "1 where one of them did not pass: the merged report has the worst verdict."
    )
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT.json", help="written by --gate-report")
    parser.add_argument(
        "--to", action="append", required=True, type=Path, metavar="FILE", help=".html, .json, .md, .sarif; repeatable"
    )


def run(options: argparse.Namespace) -> int:
    files = [checked_report(file) for file in options.to]
    report = merged([read_report(file) for file in options.reports])
    for file in files:
        write_report(report, file)
    sys.stdout.write(f"{report['verdict']}: {report['reason']}\n")
    return 0 if report["verdict"] == PASSED else 1
