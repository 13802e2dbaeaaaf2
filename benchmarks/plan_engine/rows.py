"""What is timed, in which order, and what comes of it."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.plan_engine.cases import SINGLE, Case
from benchmarks.plan_engine.measure import Cost
from benchmarks.plan_engine.strategies import Strategies, Surroundings, gate

NAIVE = "naive tftest: fresh root, init, plan for each case"
SHARED = "tftest, init once, plan for each case"
ONE_ROOT = "all cases in one root, stock provider"
TERRAFORM_TEST = "terraform test, mocked provider"
COLD = "plan engine, cold"
WARM = "plan engine, warm (plans of an earlier run)"
REPLAYED = "plan engine, replayed (no provider)"
SINGLE_STOCK = "one plan, naive tftest"
SINGLE_OURS = "one plan, plan engine, cold"
SINGLE_MORE = "one plan more in the same run of the plan engine"
GATE_COLD = "whole gate, cold (nothing kept)"
GATE_UNCHANGED = "whole gate, nothing changed since"

PLANS = {NAIVE: "naive", COLD: "cold", WARM: "warm", REPLAYED: "replayed"}
"""Folders of the plans that are compared, by the rows that make them."""


@dataclass
class Row:
    """One thing that is timed over `count` cases; `run` gets the folder for its plans in the first round."""

    name: str
    count: int
    run: Callable[[Path | None], Cost]
    costs: list[Cost] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """Median wall seconds of the whole process."""
        return statistics.median(cost.wall for cost in self.costs)

    @property
    def cpu(self) -> float:
        """Median CPU seconds of the whole process tree."""
        return statistics.median(cost.cpu for cost in self.costs)

    @property
    def cpu_per_case(self) -> float:
        return self.cpu / self.count

    def peak(self, *, provider: bool) -> float:
        """Median peak resident memory in MiB of the largest Terraform core, or of the largest provider."""
        found = [
            max(size for name, size in cost.peaks.items() if name.startswith("terraform") and ("-" in name) == provider)
            for cost in self.costs
        ]
        return statistics.median(found) / 2**20

    def told(self, name: str) -> float:
        """Median of a number that the processes printed in a JSON object."""
        return statistics.median(float(json.loads(cost.output)[name]) for cost in self.costs)


def all_rows(around: Surroundings, cases: Sequence[Case], naive: Sequence[Case], *, quick: bool) -> dict[str, Row]:
    """The rows by name, ready to be run; the quick ones are those over many cases."""
    every, few = Strategies(around, cases), Strategies(around, naive)
    every.record()
    rows = [
        Row(NAIVE, len(naive), few.naive),
        Row(SHARED, len(naive), few.shared),
        Row(ONE_ROOT, len(cases), lambda _: every.one_root()),
        Row(TERRAFORM_TEST, len(cases), lambda _: every.terraform_test()),
        Row(COLD, len(cases), every.cold),
        Row(WARM, len(cases), every.warm),
        Row(REPLAYED, len(cases), every.replayed),
    ]
    if not quick:
        single = Strategies(around, [case for case in cases if case.name == SINGLE])
        caches: list[Path] = []

        def cold_gate(_: Path | None) -> Cost:
            caches.append(around.folder("gate"))
            return gate(around, caches[-1])

        rows += [
            Row(SINGLE_STOCK, 1, lambda _: single.stock_peaks()),
            Row(SINGLE_OURS, 1, lambda _: single.cold_peaks(again=False)),
            Row(SINGLE_MORE, 1, lambda _: single.cold_peaks(again=True)),
            Row(GATE_COLD, 1, cold_gate),
            Row(GATE_UNCHANGED, 1, lambda _: gate(around, caches[-1])),
        ]
    return {row.name: row for row in rows}


def run_rounds(rows: Sequence[Row], runs: int, plans: Path) -> None:
    """Every row once in each round, so that a busy moment of the machine hits all; plans of the first one are kept."""
    for number in range(1, runs + 1):
        for row in rows:
            row.costs.append(row.run(plans / PLANS[row.name] if number == 1 and row.name in PLANS else None))
            cost = row.costs[-1]
            progress(f"round {number}/{runs}: {row.name}: {cost.wall:.2f} s wall, {cost.cpu:.2f} s CPU")


def progress(line: str) -> None:
    """To stderr, so that stdout holds the result alone."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
