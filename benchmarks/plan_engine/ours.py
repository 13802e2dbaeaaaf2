"""The plan engine as the gate uses it, in a process of its own: ``python -m benchmarks.plan_engine.ours SETTINGS``.

SETTINGS is a JSON object: `cases` (folder and text of the provider block that it leaves to its caller, for each), `aws`
(URL of the emulated AWS), and optionally `cache` (folder kept from run to run), `kept` (true: all plans must be in it),
`record` or `replay` (file with the provider's answers), `write` (folder for <case>.json), `again` (true: plan a second
time). What it prints is a JSON object, too: wall `seconds` from the engine's start to the last plan; of the second time
`again`, and CPU `again_cpu`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from companion_gate.cache.inputs import PlanInputs, surroundings
from companion_gate.cache.plans import PlanCache
from companion_gate.cache.store import ContentCache
from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.terraform.batch import BatchCase, plan_together
from companion_gate.terraform.binary import find_terraform
from companion_gate.terraform.plan import PlanRun
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import placed


class Engine:
    """What a run of the gate shares between its plans; nothing is started before a plan needs it."""

    def __init__(self, settings: Mapping[str, Any], stack: contextlib.ExitStack) -> None:
        self._settings, self._stack = settings, stack
        self._session: TerraformSession | None = None
        self.all_kept = bool(settings.get("kept"))
        self.cache: PlanCache | None = None
        if "cache" in settings:
            around = surroundings(find_terraform(), os.environ, engine="fast", aws="embedded")
            self.cache = PlanCache(ContentCache(Path(settings["cache"])), around)

    def session(self) -> TerraformSession:
        """Terraform with a provider that keeps running, or plays back."""
        if self._session is None:
            self._session = self._stack.enter_context(TerraformSession.open(endpoint_url=self._settings["aws"]))
            files = {name: Path(self._settings[name]) for name in ("record", "replay") if name in self._settings}
            self._session.fast_lane = self._stack.enter_context(FastLane(self._session, **files))
        return self._session

    def cpu(self) -> float:
        """CPU seconds so far of this process, of the commands that it ended, and of the providers that run."""
        lane = self._session.fast_lane if self._session else None
        return sum(os.times()[:4]) + sum(map(cpu_of, lane.provider_pids if lane else ()))


def cpu_of(pid: int) -> float:
    """User and system CPU seconds of a living process (proc(5): utime, stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def planned(cases: Sequence[BatchCase], engine: Engine) -> dict[str, PlanRun]:
    """The plan of each case by its name: those kept, and the others made together. Raises GateError."""
    cache = engine.cache
    inputs = {case.name: PlanInputs((Path(case.name),), {"provider.tf": case.provider}) for case in cases}
    found = {name: run for name, each in inputs.items() if cache and (run := cache.get(each)) is not None}
    missing = [case for case in cases if case.name not in found]
    if missing and engine.all_kept:
        raise GateError(f"{len(missing)} plans are not kept; was the code changed since they were made?")
    if missing:
        for name, made in plan_together(missing, engine.session()).items():
            if isinstance(made, GateError):
                raise made
            if made.not_fast:
                raise GateError(f"{name} was planned by plain Terraform: {made.not_fast}")
            if cache and (reason := cache.put(inputs[name], made)):
                raise GateError(f"the plan of {name} is not kept: {reason}")
            found[name] = made
    return found


def run(settings: Mapping[str, Any]) -> dict[str, float]:
    """Plan as the settings say; see above for what comes back."""
    cases = [BatchCase(folder, partial(placed, Path(folder)), provider=text) for folder, text in settings["cases"]]
    with contextlib.ExitStack() as stack:
        started = time.perf_counter()
        engine = Engine(settings, stack)
        plans = planned(cases, engine)
        told = {"seconds": time.perf_counter() - started}
        if "write" in settings:
            for name, made in plans.items():
                Path(settings["write"], f"{Path(name).name}.json").write_text(json.dumps(made.json), encoding="utf-8")
        if settings.get("again"):
            used, started = engine.cpu(), time.perf_counter()
            planned(cases, engine)
            told |= {"again": time.perf_counter() - started, "again_cpu": engine.cpu() - used}
    return told


if __name__ == "__main__":
    try:
        json.dump(run(json.loads(sys.argv[1])), sys.stdout)
    except GateError as failed:
        sys.exit(str(failed))
