"""The result as text."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.plan_engine import rows as r
from benchmarks.plan_engine.rows import Row

_COUNTED = (r.NAIVE, r.SHARED, r.ONE_ROOT, r.TERRAFORM_TEST, r.COLD, r.WARM, r.REPLAYED)
_WHOLE = (r.SINGLE_STOCK, r.SINGLE_OURS, r.GATE_COLD, r.GATE_UNCHANGED)


@dataclass(frozen=True)
class Verdict:
    """How many cases there are, which of them the slow rows took, and what differs, by the name of the case."""

    cases: int
    slow: Sequence[str]
    different: Mapping[str, Sequence[str]]

    @property
    def equal(self) -> str:
        return f"{self.cases - len(self.different)}/{self.cases}"


def warm_ms(rows: Mapping[str, Row], name: str = "seconds") -> float:
    """Median wall milliseconds for each case, from the engine's start to the last plan, without Python's own start."""
    return rows[r.WARM].told(name) / rows[r.WARM].count * 1000


def table(rows: Mapping[str, Row]) -> list[str]:
    """Two tables: strategies over cases, and whole processes."""
    naive = rows[r.NAIVE]
    lines = [
        "| strategy | cases | wall s/case | CPU s/case | wall, naive = 1 | CPU, naive = 1 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in (rows[name] for name in _COUNTED):
        wall, cpu = row.wall / row.count, row.cpu_per_case
        faster = f"1/{naive.wall / naive.count / wall:.1f} | 1/{naive.cpu_per_case / cpu:.1f}"
        lines.append(f"| {row.name} | {row.count} | {wall:.4f} | {cpu:.4f} | {faster} |")
    if whole := [rows[name] for name in _WHOLE if name in rows]:
        lines += ["", "| whole process | wall s | CPU s |", "|---|---:|---:|"]
        lines += [f"| {row.name} | {row.wall:.2f} | {row.cpu:.2f} |" for row in whole]
        more = rows[r.SINGLE_MORE]
        lines.append(f"| {more.name} | {more.told('again'):.2f} | {more.told('again_cpu'):.2f} |")
        lines += ["", "| peak memory, largest process | Terraform core MiB | provider MiB |", "|---|---:|---:|"]
        for row in (rows[r.SINGLE_STOCK], rows[r.SINGLE_OURS]):
            lines.append(f"| {row.name} | {row.peak(provider=False):.0f} | {row.peak(provider=True):.0f} |")
    return lines


def goals(rows: Mapping[str, Row]) -> list[str]:
    """Each goal with what was measured."""
    naive, batch, cold = rows[r.NAIVE], rows[r.ONE_ROOT], rows[r.COLD]
    lines = [
        _least("CPU of naive tftest to cold, for each case", naive.cpu_per_case / cold.cpu_per_case, 60),
        _least("CPU of one stock root to cold", batch.cpu_per_case / cold.cpu_per_case, 6),
        _most("warm, ms for each case", warm_ms(rows), 5),
    ]
    if r.SINGLE_STOCK in rows:
        stock, ours = rows[r.SINGLE_STOCK], rows[r.SINGLE_OURS]
        lines += [
            _least("CPU of one plan by naive tftest to one more of a running engine", stock.cpu / _more(rows), 12),
            _least("CPU of one plan by naive tftest to one of an engine of its own", stock.cpu / ours.cpu, 12),
            _least("peak memory of Terraform core, stock to ours", _core(stock) / _core(ours), 6),
            _most("whole gate cold, CPU s", rows[r.GATE_COLD].cpu, 10),
            _most("whole gate unchanged, CPU s", rows[r.GATE_UNCHANGED].cpu, 2),
        ]
    return lines


def text(rows: Mapping[str, Row], verdict: Verdict, provider: str) -> str:
    """All of it; the last line is for programs."""
    naive, cold, runs = rows[r.NAIVE], rows[r.COLD], len(rows[r.NAIVE].costs)
    ratio = naive.cpu_per_case / cold.cpu_per_case
    equal = [
        f"equal={verdict.equal}: cases of which the engine's plans, cold, warm and replayed, are that of naive tftest: "
        "all of the JSON but the timestamp, relevant attributes as the set that they are."
    ]
    for name, found in verdict.different.items():
        equal += [f"- {name} differs:", *(f"  - {each}" for each in found)]
    warm = rows[r.WARM]
    lines = [
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {provider}; medians of {runs} interleaved "
        f"round{'s' if runs > 1 else ''}.",
        "",
        *table(rows),
        "",
        f"The rows over {len(verdict.slow)} cases took {', '.join(verdict.slow)}.",
        "",
        f"Warm, from the engine's start to the last plan: {warm_ms(rows):.2f} ms for each case; again in the same "
        f"process: {warm_ms(rows, 'again'):.2f} ms; whole process: {warm.wall / warm.count * 1000:.2f} ms.",
        "",
        *equal,
        "",
        *goals(rows),
        "",
        f"plan-engine cold={ratio:.1f} warm_ms={warm_ms(rows):.2f} equal={verdict.equal}",
    ]
    return "\n".join(lines)


def _more(rows: Mapping[str, Row]) -> float:
    return rows[r.SINGLE_MORE].told("again_cpu")


def _core(row: Row) -> float:
    return row.peak(provider=False)


def _least(what: str, found: float, goal: float) -> str:
    return f"- {what}: {found:.1f} (goal: at least {goal:g}): {'met' if found >= goal else 'NOT MET'}"


def _most(what: str, found: float, goal: float) -> str:
    return f"- {what}: {found:.2f} (goal: under {goal:g}): {'met' if found < goal else 'NOT MET'}"
