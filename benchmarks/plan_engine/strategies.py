"""The ways to plan the same cases that are timed, each in fresh processes and folders."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.plan_engine import roots
from benchmarks.plan_engine.cases import PROVIDER_FILE, REPOSITORY, Case
from benchmarks.plan_engine.measure import Cost, measured
from companion_gate.terraform.session import TerraformSession

_PROXIES = ("http_proxy", "https_proxy")


@dataclass(frozen=True)
class Surroundings:
    """What all strategies share: a folder for theirs, the source of the provider, and an AWS that costs them nothing.

    `session` is the gate's, open for as long as the benchmark runs, with the emulated AWS of this process as endpoint:
    OpenSearch domains ask AWS for versions and instance types while they are planned.
    """

    scratch: Path
    session: TerraformSession

    @property
    def stock(self) -> dict[str, str]:
        """Environment of the strategies that know nothing of the gate, for init and for plan: the gate's own."""
        env = {name: value for name, value in self.session.env.items() if name.lower() not in _PROXIES}
        return env | self.session.init_envs[0]

    @property
    def ours(self) -> dict[str, str]:
        """The user's environment; Python may keep what it compiles, as it does everywhere by default."""
        return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def folder(self, name: str) -> Path:
        """A new folder."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.scratch))


class Strategies:
    """Runs strategies over cases; `written` is a folder for the JSON of the plans as <case>.json."""

    def __init__(self, around: Surroundings, cases: Sequence[Case]) -> None:
        self._around = around
        self._cases = cases
        ours = around.folder("ours")
        folders = roots.write_roots(cases, ours, leave_out=(PROVIDER_FILE,))
        pairs = zip(folders, cases, strict=True)
        self._settings: dict[str, Any] = {
            "cases": [(str(folder), case.files.get(PROVIDER_FILE, "")) for folder, case in pairs],
            "aws": around.session.endpoint_url,
        }
        self._cache = Path()
        self._recording = around.scratch / f"{ours.name}.recording"

    def record(self) -> None:
        """Make the recording, which is not timed."""
        self._ours(record=self._recording)

    def naive(self, written: Path | None = None) -> Cost:
        """tftest as it comes: a fresh root for each case, setup() and plan(output=True)."""
        made = roots.write_roots(self._cases, self._around.folder("naive"))
        return self._tftest(made, written)

    def shared(self, written: Path | None = None) -> Cost:
        """tftest with one root that is set up once, where the cases take turns."""
        repository = self._around.folder("shared")
        made = roots.write_roots(self._cases, repository)
        return self._tftest(made, written, shared=roots.write_shared_root(self._cases, repository))

    def one_root(self) -> Cost:
        """All cases as modules of one root: one setup() and plan(output=True) by tftest."""
        return self._tftest([roots.write_one_root(self._cases, self._around.folder("batch"))], None)

    def terraform_test(self) -> Cost:
        """`terraform test` with a mocked provider, one run for each case."""
        root = roots.write_test_root(self._cases, self._around.folder("test"))
        done = measured(
            ("sh", "-c", "terraform init -input=false -no-color && terraform test -no-color"),
            cwd=root,
            env=self._around.stock,
        )
        if f"Success! {len(self._cases)} passed, 0 failed." not in done.output:
            raise SystemExit(f"terraform test did not pass all cases:\n{done.output}")
        return done

    def cold(self, written: Path | None = None) -> Cost:
        """The plan engine, nothing running and the cache empty."""
        self._cache = self._around.folder("cache")
        return self._ours(written, cache=self._cache)

    def cold_peaks(self, *, again: bool) -> Cost:
        """As `cold`, with the memory of its processes and no cache; `again`: and plan once more with what runs then."""
        return self._ours(peaks=True, again=again)

    def breakdown(self) -> dict[str, float]:
        """CPU seconds of a cold run by its parts; see breakdown.py."""
        cost = _module("breakdown", self._settings, self._around.ours)
        parts: dict[str, float] = json.loads(cost.output)["parts"]
        return {**parts, "not accounted for": cost.cpu - sum(parts.values())}

    def warm(self, written: Path | None = None) -> Cost:
        """The plan engine with the plans of the last cold run of the same files."""
        return self._ours(written, cache=self._cache, kept=True, again=True)

    def replayed(self, written: Path | None = None) -> Cost:
        """The plan engine with a recording instead of a provider."""
        return self._ours(written, replay=self._recording)

    def stock_peaks(self) -> Cost:
        """As `naive`, with the memory of its processes."""
        return self._tftest(roots.write_roots(self._cases, self._around.folder("naive")), None, peaks=True)

    def _tftest(
        self, made: Sequence[Path], written: Path | None, *, shared: Path | None = None, peaks: bool = False
    ) -> Cost:
        settings = {"roots": made, **({"shared": shared} if shared else {}), **({"write": written} if written else {})}
        return _module("naive", settings, self._around.stock, peaks=peaks)

    def _ours(self, written: Path | None = None, peaks: bool = False, **more: object) -> Cost:
        settings = {**self._settings, **more, **({"write": written} if written else {})}
        return _module("ours", settings, self._around.ours, peaks=peaks)


def gate(around: Surroundings, cache: Path) -> Cost:
    """The whole gate over modules/ and examples/ of this repository, with what it keeps in the folder `cache`."""
    stacks = ("--stack", "modules", "--stack", "examples")
    command = (sys.executable, "-m", "pytest", *stacks, "-q", "-o", f"cache_dir={cache / 'pytest'}")
    return measured(command, cwd=REPOSITORY, env={**around.ours, "XDG_CACHE_HOME": str(cache)})


def _module(name: str, settings: Mapping[str, Any], env: Mapping[str, str], *, peaks: bool = False) -> Cost:
    """A module of this package with its settings as argument, in a process of its own."""
    command = (sys.executable, "-m", f"benchmarks.plan_engine.{name}", json.dumps(settings, default=str))
    return measured(command, cwd=REPOSITORY, env=env, peaks=peaks)
