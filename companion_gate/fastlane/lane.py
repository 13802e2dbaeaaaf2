"""The fast lane: plans roots as plain Terraform would, or says in one line why it leaves them to it."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from companion_gate.errors import GateError
from companion_gate.fastlane.eligibility import Ineligible, Needs, needs_of
from companion_gate.fastlane.locate import ADDRESS, ProviderFinder, ProviderProgram
from companion_gate.fastlane.pool import ProviderPool
from companion_gate.fastlane.provider import load_grpc
from companion_gate.fastlane.proxy import Calls, Endpoint, LiveCalls, Memory
from companion_gate.fastlane.replay import Recording, RecordingCalls, ReplayedCalls, file_sha256, stale
from companion_gate.fastlane.versions import newest
from companion_gate.hcl.syntax import shown
from companion_gate.terraform.diagnostics import Diagnostic, TerraformFailed
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.process import Processes
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace

# Provider reattachment and protocols 5 and 6 as of these releases; a new major one has to be tried first.
_KNOWN_TERRAFORM = re.compile(r"1\.(9|[1-9]\d)\.\d+")
_KNOWN_PLATFORMS = ("linux", "darwin")


@dataclass(frozen=True)
class Fallback:
    """Plain Terraform has to make the plan; `reason` is one line."""

    reason: str


@dataclass(frozen=True)
class FastPlan:
    """The text of `terraform show -json` and all diagnostics of the plan; times are wall-clock seconds.

    `show` holds sensitive values in clear, so it is not part of the repr.
    """

    show: str = field(repr=False)
    diagnostics: list[Diagnostic]
    provider_versions: dict[str, str]
    provider_source: str
    seconds_init: float
    seconds_plan: float


@dataclass(frozen=True)
class Attachment:
    """An endpoint for one plan and the provider program behind it; `environment` goes on top of the session's."""

    endpoint: Endpoint
    program: ProviderProgram

    @property
    def environment(self) -> dict[str, str]:
        """What makes Terraform use the endpoint."""
        return self.endpoint.environment


class FastLane:
    """One per TerraformSession, used as a context manager inside it; threads may share it.

    With `record`, the provider's answers are written to that file by `close`; with `replay`, they are taken from such a
    file, no provider is started, and what it does not hold is a GateError instead of a Fallback. See replay.py.
    Nothing is started before the first plan. Closing ends every process that it started; so does the end of the
    interpreter, and each provider ends by itself when this process is gone.
    """

    def __init__(self, session: TerraformSession, *, record: Path | None = None, replay: Path | None = None) -> None:
        if record is not None and replay is not None:
            raise GateError(f"a run records into {record} or replays {replay}, not both; leave one away")
        self._session = session
        self._record, self._replay = record, replay
        self._recording = Recording.load(replay) if replay else None
        self._folder = Path(tempfile.mkdtemp(prefix="f", dir=session.env["TMPDIR"]))
        self._finder = ProviderFinder(session)
        self._processes = Processes()
        self._pools: dict[Path, tuple[ProviderPool, Memory]] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._finalizer = weakref.finalize(self, _end, self._folder, self._processes, self._pools)

    def planned(self, workspace: Workspace, variables: Mapping[str, Any] | None = None) -> FastPlan | Fallback:
        """Init, plan and show an isolated workspace.

        Raises TerraformFailed where plain Terraform would fail, too. After a Fallback the workspace may be
        initialised as usual: no lock file and no provider was put into it.
        """
        planned = self._attached_plan(workspace, variables)
        if self._replay is not None and isinstance(planned, Fallback):
            raise GateError(planned.reason)
        return planned

    def attach(self, workspace: Workspace) -> Attachment | Fallback:
        """An endpoint of its own for the commands of one plan; the caller closes it."""
        try:
            self._check_surroundings()
            needs = needs_of(workspace.root)
            if self._recording is not None and self._replay is not None:
                return self._replayed(self._recording, self._replay, needs)
            program = self._finder.find(workspace.root, needs.constraints)
            return Attachment(self._endpoint(self._live(program, needs)), program)
        except Ineligible as error:
            return Fallback(f"{shown(workspace.original(error.file))}:{error.line}: {error.why}")
        except GateError as error:
            return Fallback(_one_line(str(error)))

    @property
    def on_file(self) -> bool:
        """Whether plans are recorded or replayed, so that each root must stay the root that it is."""
        return self._record is not None or self._replay is not None

    @property
    def provider_pids(self) -> list[int]:
        """Process ids of the running providers."""
        with self._lock:
            pools = list(self._pools.values())
        return [pid for pool, _ in pools for pid in pool.pids]

    def close(self) -> None:
        """End everything that was started, and write the recording; more than once does no harm."""
        self._finalizer()
        if self._record is not None and self._recording is not None:
            self._recording.save(self._record)
            self._recording = None

    def __enter__(self) -> FastLane:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _check_surroundings(self) -> None:
        if not self._finalizer.alive:
            raise GateError("the fast lane is closed")
        # Before a provider is looked for, which may take an init.
        load_grpc()
        if sys.platform not in _KNOWN_PLATFORMS:
            raise GateError(f"the fast lane is not made for {sys.platform}")
        if not _KNOWN_TERRAFORM.fullmatch(self._session.binary.version):
            raise GateError(f"the fast lane does not know Terraform {self._session.binary.version}")

    def _live(self, program: ProviderProgram, needs: Needs) -> Calls:
        """Calls that provider processes answer."""
        with self._lock:
            if program.path not in self._pools:
                pool = ProviderPool(program.path, self._session.env, self._folder)
                self._pools[program.path] = (pool, Memory())
            pool, memory = self._pools[program.path]
        calls = LiveCalls(pool, memory, needs)
        if self._record is None:
            return calls
        with self._lock:
            if self._recording is None:
                digest = file_sha256(program.path)
                self._recording = Recording(self._session.binary.version, program.version, digest, calls.protocol)
            recording = self._recording
        if recording.provider != program.version:
            calls.close()
            raise GateError(f"a recording holds one provider, and this root needs {program.version}")
        return RecordingCalls(calls, needs, recording)

    def _replayed(self, recording: Recording, path: Path, needs: Needs) -> Attachment:
        if recording.terraform != self._session.binary.version:
            raise GateError(stale(path, f"is of Terraform {recording.terraform}, not {self._session.binary.version}"))
        if newest([recording.provider], needs.constraints) is None:
            wanted = ", ".join(needs.constraints)
            raise GateError(stale(path, f"is of provider {recording.provider}, and the root wants {wanted}"))
        program = ProviderProgram(path, recording.provider, f"recording {path}")
        return Attachment(self._endpoint(ReplayedCalls(needs, recording, path)), program)

    def _endpoint(self, calls: Calls) -> Endpoint:
        with self._lock:
            self._count += 1
            socket = self._folder / f"s{self._count}"
        try:
            return Endpoint(calls, socket)
        except BaseException:
            calls.close()
            raise

    def _attached_plan(self, workspace: Workspace, variables: Mapping[str, Any] | None) -> FastPlan | Fallback:
        attached = self.attach(workspace)
        if isinstance(attached, Fallback):
            return attached
        try:
            return self._plan(workspace, attached, variables)
        except TerraformFailed:
            if attached.endpoint.trouble is None:
                raise
            return Fallback(attached.endpoint.trouble)
        finally:
            attached.endpoint.close()

    def _plan(
        self, workspace: Workspace, attached: Attachment, variables: Mapping[str, Any] | None
    ) -> FastPlan | Fallback:
        env = self._session.env | attached.environment
        terraform = Terraform(
            workspace.root,
            binary=self._session.binary.path,
            env=env,
            # An attached provider is not installed, so init needs neither registry nor plugin cache.
            init_envs=[env],
            original=workspace.original,
            processes=self._processes,
            timeout=self._session.timeout,
        )
        started = time.perf_counter()
        terraform.init()
        initialised = time.perf_counter()
        with terraform.planned(variables, lock=False) as (show, diagnostics):
            shown = time.perf_counter()
        if attached.endpoint.trouble is not None:
            return Fallback(attached.endpoint.trouble)
        return FastPlan(
            show=show,
            diagnostics=diagnostics,
            provider_versions={ADDRESS: attached.program.version},
            provider_source=attached.program.source,
            seconds_init=initialised - started,
            seconds_plan=shown - initialised,
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _end(folder: Path, processes: Processes, pools: Mapping[Path, tuple[ProviderPool, Memory]]) -> None:
    processes.kill_all()
    for pool, _ in list(pools.values()):
        pool.close()
    shutil.rmtree(folder, ignore_errors=True)
