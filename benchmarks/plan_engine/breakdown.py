"""Where the CPU of the cold plan engine goes; called in a process of its own, with the settings of ours.py.

All parts are measured in that one run: Python's by wrapping functions, Terraform's by what the kernel charges for each
ended command, those of providers by /proc/<pid>/stat before they are killed (in ticks of 10 ms on most systems).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.plan_engine import ours
from companion_gate.fastlane import provider
from companion_gate.fastlane.proxy import SCHEMA
from companion_gate.hcl import syntax
from companion_gate.terraform import hoist
from companion_gate.terraform.process import Completed, Processes

_ELSE = "Python: all else (files, links, roots, eligibility)"


class Breakdown:
    """CPU seconds by part. Parts of Python may be nested; each second counts for the innermost."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = defaultdict(float)
        self.parts["Python: start and imports"] = self._last = time.process_time()
        self._open = [_ELSE]

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self._charge()
        self._open.append(name)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, charged to a part."""

        def wrapped(*arguments: Any, **named: Any) -> Any:
            with self.part(name):
                return function(*arguments, **named)

        return wrapped

    def close(self) -> None:
        self._charge()

    def _charge(self) -> None:
        now = time.process_time()
        self.parts[self._open[-1]] += now - self._last
        self._last = now


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch_terraform(found: Breakdown) -> None:
    run = Processes.run

    def watched(self: Processes, command: Sequence[str], **named: Any) -> Completed:
        before = _children()
        with found.part("Python: proxy between Terraform and provider"):
            done = run(self, command, **named)
        found.parts[f"Terraform: {command[1]}"] += _children() - before
        return done

    Processes.run = watched  # type: ignore[method-assign]


def _watch_providers(found: Breakdown) -> None:
    start, call, kill = provider.Provider.__init__, provider.Provider.call, provider.Provider.kill
    told: dict[int, float] = defaultdict(float)

    def charge(pid: int, name: str) -> None:
        used = ours.cpu_of(pid)
        found.parts[f"provider: {name}"] += used - told[pid]
        told[pid] = used

    def started(self: provider.Provider, *arguments: Any) -> None:
        start(self, *arguments)
        charge(self.pid, "start")

    def called(self: provider.Provider, method: str, request: bytes) -> bytes:
        if method not in SCHEMA:
            return call(self, method, request)
        charge(self.pid, "all else (validate, configure, plan)")
        answer = call(self, method, request)
        charge(self.pid, "schema")
        return answer

    def killed(self: provider.Provider) -> None:
        if self.alive:
            charge(self.pid, "all else (validate, configure, plan)")
        kill(self)

    provider.Provider.__init__ = started  # type: ignore[assignment,method-assign]
    provider.Provider.call = called  # type: ignore[method-assign]
    provider.Provider.kill = killed  # type: ignore[method-assign]


def _watch_python(found: Breakdown) -> None:
    for name, original in (("HCL", syntax.parse), ("taking the plan apart", hoist.hoisted)):
        timed = found.timed(f"Python: {name}", original)
        for module in [each for each in sys.modules.values() if each.__name__.startswith("companion_gate")]:
            for attribute in [key for key, value in vars(module).items() if value is original]:
                setattr(module, attribute, timed)
    json.loads = found.timed("Python: JSON", json.loads)
    json.dumps = found.timed("Python: JSON", json.dumps)


def text(parts: Mapping[str, float], count: int) -> str:
    """The parts as a table, the largest first."""
    whole = sum(parts.values())
    lines = [f"| cold plan engine, {count} cases, CPU | s | % |", "|---|---:|---:|"]
    for name, seconds in sorted(parts.items(), key=lambda part: -part[1]):
        lines.append(f"| {name} | {seconds:.3f} | {seconds / whole * 100:.0f} |")
    return "\n".join([*lines, f"| all | {whole:.3f} | 100 |"])


def main() -> None:
    found = Breakdown()
    _watch_terraform(found)
    _watch_providers(found)
    _watch_python(found)
    told = ours.run(json.loads(sys.argv[1]))
    found.close()
    json.dump({**told, "parts": found.parts}, sys.stdout)


if __name__ == "__main__":
    main()
