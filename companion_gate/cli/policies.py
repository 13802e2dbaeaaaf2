"""``companion-gate policies``: what is asked, and why."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from aic_engine.profiles import select
from aic_engine.rule import Rule, RuleError
from companion_gate import POLICIES_FOLDER
from companion_gate.errors import GateError
from companion_gate.gate.run import load_policies
from companion_gate.pages import pages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Examples:\n"
        "  companion-gate policies --profile minors\n"
        "  companion-gate policies show memory-ttl-enabled\n"
        '  checkov -d infra --external-checks-dir "$(companion-gate policies path)"'
    )
    parser.add_argument("action", nargs="?", choices=("list", "show", "path"), default="list", help="default: list")
    parser.add_argument("name", nargs="?", help="for show: a policy's name or id")
    parser.add_argument("--profile", default="strict", help="list only what a profile asks (default: strict, all)")


def run(options: argparse.Namespace) -> int:
    if options.action == "path":
        sys.stdout.write(f"{POLICIES_FOLDER}\n")
        return 0
    rules = load_policies(POLICIES_FOLDER)
    if options.action == "list":
        _list(rules, options.profile)
        return 0
    rule = next((rule for rule in rules if options.name in (rule.id, rule.name)), None)
    if rule is None:
        raise GateError(f"there is no policy {options.name or ''!r}; companion-gate policies lists them")
    text = pages(rules)[f"{rule.name}.md"]
    if sys.stdout.isatty():
        Console().print(Markdown(text))
    else:
        sys.stdout.write(text)
    return 0


def _list(rules: tuple[Rule, ...], profile: str) -> None:
    try:
        asked = select(rules, profile)
    except RuleError as error:
        raise GateError(str(error)) from error
    if not sys.stdout.isatty():
        for rule in asked:
            sys.stdout.write(f"{rule.id}\t{rule.name}\t{rule.severity.value}\t{rule.title}\n")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("policy", "id", "severity", "decides"):
        table.add_column(column, no_wrap=column != "decides")
    for rule in asked:
        table.add_row(rule.name, rule.id, rule.severity.value, rule.title)
    Console().print(table)
