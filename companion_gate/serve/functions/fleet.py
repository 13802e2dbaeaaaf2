"""Makes execution environments, and ends them all together."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError
from companion_gate.serve.functions.environment import Answer, Job, Start

# Loading a handler and boto3's data can take seconds on a machine that is busy.
_START_SECONDS = 60.0


class Environment:
    """An execution environment, as its owner sees it. One thread at a time may use it."""

    def __init__(self, pipe: Connection, pid: int) -> None:
        self._pipe = pipe
        self._pid = pid

    def start(self, start: Start) -> dict[str, str] | None:
        """Load the function; what went wrong, as Lambda would tell it."""
        try:
            self._pipe.send(start)
            if not self._pipe.poll(_START_SECONDS):
                return {"errorType": "Sandbox.Timedout", "errorMessage": "the function was not loaded in time"}
            error: dict[str, str] | None = self._pipe.recv()
        except (EOFError, OSError):
            return _ended()
        return error

    def answer(self, job: Job) -> Answer | dict[str, str]:
        """The answer to an event; or the error of an environment that ended, or had to be ended, over it."""
        try:
            self._pipe.send(job)
            if not self._pipe.poll(job.timeout):
                self.kill()
                message = f"{job.request_id} Task timed out after {job.timeout:.2f} seconds"
                return {"errorType": "Sandbox.Timedout", "errorMessage": message}
            answer: Answer = self._pipe.recv()
        except (EOFError, OSError):
            return _ended()
        return answer

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        # Once it is closed, its process id may be somebody else's.
        if not self._pipe.closed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """Hang up, which ends it when it is done."""
        self._pipe.close()


def _ended() -> dict[str, str]:
    # AWS docs: Lambda, "Troubleshoot execution issues".
    return {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited without providing a reason"}


class Fleet:
    """The process that forks environments, and the folder that their code lies in. Threads may share it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="companion-gate-"))
        # Room for "/fork" in the 103 bytes of a Unix socket's path is the system's temporary folder's to have.
        self._listener = Listener(str(self._folder / "fork"), "AF_UNIX", backlog=64)
        self._lock = threading.Lock()
        self._packages: dict[Path, Path] = {}
        self._environments: list[Environment] = []
        # Nothing of the user's: neither credentials nor a Python of their own.
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        self._forker = subprocess.Popen(
            [sys.executable, "-P", "-m", "companion_gate.serve.functions.forker", str(self._folder / "fork")],
            stdin=subprocess.PIPE,
            env=kept,
            cwd=self._folder,
        )

    def environment(self) -> Environment:
        """A fresh one, which has loaded nothing yet. Raises GateError where none can be made."""
        with self._lock:
            asks = self._forker.stdin
            assert asks is not None  # noqa: S101 - it was opened as a pipe
            try:
                asks.write(b"fork\n")
                asks.flush()
                pipe: Any = self._listener.accept()
                made = Environment(pipe, int(pipe.recv()))
            except (EOFError, OSError, ValueError) as error:
                raise GateError(f"no process can be started for a function: {error}") from error
            self._environments.append(made)
        return made

    def code(self, package: Path) -> Path:
        """The folder that a function's archive is unpacked in. Raises GateError for one that cannot be read."""
        with self._lock:
            if package not in self._packages:
                folder = self._folder / f"code-{len(self._packages)}"
                try:
                    with zipfile.ZipFile(package) as archive:
                        archive.extractall(folder)
                except (OSError, zipfile.BadZipFile) as error:
                    raise GateError(f"{package.name} is no package of a function that can be read: {error}") from error
                self._packages[package] = folder
            return self._packages[package]

    def close(self) -> None:
        """End every environment at once."""
        for each in self._environments:
            each.kill()
            each.close()
        with contextlib.suppress(OSError):
            if self._forker.stdin is not None:
                self._forker.stdin.close()
        try:
            self._forker.wait(5)
        except subprocess.TimeoutExpired:
            self._forker.kill()
            self._forker.wait()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)
