"""The command line of ``companion-gate``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from companion_gate.errors import GateError
from companion_gate.version import VERSION

_INTRODUCTION = """\
The merge gate for AI-companion backends on AWS.

First steps:
  companion-gate doctor               is all that the gate needs on this machine?
  companion-gate check infra/prod     judge one Terraform root, as in CI
  companion-gate check infra/prod --gate-report gate.html
  companion-gate waive infra/prod --owner NAME --ticket ID --expires 2026-12-31
                                      begin with the debts that are there, each with a last day
"""

_END = """\
Exit status: 0 all was asked and holds, 1 something does not, 2 (check: 4, as of pytest) it was called wrongly.
`companion-gate VERB --help` says more of a verb. In a project with pytest, `pytest --stack infra/prod` does what
`check` does, and `pytest --fixtures` lists what your own tests can use.
"""

VERBS = {
    "check": "judge Terraform roots, as the merge gate does",
    "policies": "list the policies, show one, or print the folder for Checkov",
    "diff": "say what a change makes weaker, between two plans or two git refs",
    "waive": "write a waiver with a last day for each finding of a stack",
    "mutate": "weaken a stack's plan in every declared way, and say what the gate would notice",
    "serve": "apply a companion on an embedded AWS, and talk to it on this machine",
    "report": "merge JSON reports of several runs, and write them in another format",
    "doctor": "say whether all that the gate needs is on this machine",
}


class Verb(Protocol):
    """A module of this package that is named like its verb."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> int:
        """The exit status. Raises GateError."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb. What is wrong is one sentence on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="companion-gate",
        description=_INTRODUCTION,
        epilog=_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"companion-gate {VERSION}")
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB", required=True)
    # Only the verb that is called is imported: Checkov and moto take seconds.
    called = next((each for each in given if not each.startswith("-")), "")
    module: Verb | None = None
    for name, says in VERBS.items():
        verb = verbs.add_parser(
            name,
            help=says,
            description=f"{says[0].upper()}{says[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == called:
            module = cast(Verb, importlib.import_module(f"companion_gate.cli.{name}"))
            module.add_arguments(verb)
    given, rest = _split(given) if called == "check" else (given, [])
    options = parser.parse_args(given)
    options.rest = rest
    assert module is not None  # noqa: S101 - argparse ended the program otherwise
    try:
        return module.run(options)
    except GateError as error:
        sys.stderr.write(f"companion-gate: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("companion-gate: stopped\n")
        return 130


def _split(given: list[str]) -> tuple[list[str], list[str]]:
    """What is ours of the arguments of ``check``, and what is pytest's: everything from the first option on."""
    first = given.index("check") + 1
    while first < len(given) and not given[first].startswith("-"):
        first += 1
    return (given, []) if given[first:] in (["-h"], ["--help"]) else (given[:first], given[first:])
