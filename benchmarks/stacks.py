"""Cost of a run as stacks grow in number: ``python -m benchmarks.stacks [--stacks 1 10 100] [--workers 2] [--write]``.

Each stack is the example text-chat under a name of its own, so that no plan is shared. Nothing kept is believed
(``--no-gate-cache``). Wall seconds, user plus system CPU seconds of the run and of all that it started, and the most
memory that one of its processes had resident (``getrusage``: ``ru_maxrss``).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
EXAMPLE = REPOSITORY / "examples" / "text-chat"
RESULT = HERE / "RESULTS-stacks.md"


@dataclass(frozen=True)
class Run:
    """One gate run."""

    stacks: int
    how: str
    wall: float
    cpu: float
    mebibytes: float
    questions: int


def laid_out(folder: Path, count: int) -> None:
    """``count`` stacks below ``folder/infra``, each with a name of its own."""
    shutil.copytree(REPOSITORY / "modules", folder / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    for number in range(count):
        stack = folder / "infra" / f"s{number:03d}"
        shutil.copytree(EXAMPLE, stack, ignore=shutil.ignore_patterns(".terraform*", "README.md"))
        for file in stack.glob("*.tf"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace('"companion', f'"c{number:03d}', 1), encoding="utf-8")


def measured(count: int, *options: str) -> Run:
    """A run over ``count`` stacks. Raises RuntimeError where it does not pass."""
    with tempfile.TemporaryDirectory(prefix="companion-gate-bench-") as name:
        folder = Path(name)
        laid_out(folder, count)
        command = [sys.executable, "-m", "companion_gate", "check", "infra", "-q", "--no-gate-cache", *options]
        started = time.perf_counter()
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            output = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
    found = re.search(r"GATE PASSED: \d+ stacks?, (\d+) questions", output)
    if process.returncode or found is None:
        raise RuntimeError(f"the gate did not pass:\n{output[-3000:]}")
    how = " ".join(options) or "one process"
    return Run(count, how, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, int(found[1]))


def table(runs: list[Run]) -> str:
    lines = ["| stacks | | questions | wall s | CPU s | CPU s a stack | MiB |", "|---|---|---|---|---|---|---|"]
    for run in runs:
        each = run.cpu / run.stacks
        cells = (run.stacks, run.how, run.questions, f"{run.wall:.0f}", f"{run.cpu:.0f}", f"{each:.1f}")
        lines.append(f"| {' | '.join(map(str, cells))} | {run.mebibytes:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stacks", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--workers", type=int, default=0, help="run each again with -n WORKERS")
    parser.add_argument("--write", action="store_true", help=f"put the result into {RESULT.name}")
    options = parser.parse_args()
    ways = [(), ("-n", str(options.workers))] if options.workers else [()]
    runs = [measured(count, *how) for count in options.stacks for how in ways]
    text = table(runs)
    sys.stdout.write(text)
    if options.write:
        head = f"# Stacks\n\n{__doc__.partition(chr(10) * 2)[2].strip()}\n\n"
        RESULT.write_text(f"{head}{text}\n{os.cpu_count()} cores, shared with others: compare rows, not seconds.\n")


if __name__ == "__main__":
    main()
