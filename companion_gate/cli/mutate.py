"""``companion-gate mutate``: what the gate would notice if somebody weakened a stack."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from companion_gate.cli.stacks import gate_run
from companion_gate.errors import GateError
from companion_gate.gate.stack import cases_of
from companion_gate.hcl.syntax import shown
from companion_gate.mutation.mutate import Fate, mutate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Nothing is written: the stack is planned once, and weakened in memory. 1 where something survives."
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="a Terraform root, or a folder of some")
    parser.add_argument("--profile", default="baseline", help="the policies that are asked (default: baseline)")
    parser.add_argument("-v", "--verbose", action="store_true", help="list every weakening, and what became of it")


def run(options: argparse.Namespace) -> int:
    fates: Counter[Fate] = Counter()
    with gate_run(options.folders, options.profile) as gate:
        for stack in gate.options.stacks:
            for case in cases_of(stack):
                for mutant in mutate(gate.rules, gate.plan(case).graph):
                    fates[mutant.fate] += 1
                    if options.verbose or mutant.fate is Fate.SURVIVED:
                        sys.stdout.write(
                            f"{mutant.fate.value}: {shown(stack)}: {mutant.rule.name}: {mutant.weakening} "
                            f"({mutant.place})\n"
                        )
    if fates.total() == fates[Fate.NOT_APPLICABLE]:
        raise GateError("nothing here can be weakened: no policy speaks of what these stacks deploy")
    sys.stdout.write(", ".join(f"{fates[each]} {each.value}" for each in Fate) + f" of {fates.total()} weakenings\n")
    return 1 if fates[Fate.SURVIVED] else 0
