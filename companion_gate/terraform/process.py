"""Child processes that never outlive the gate."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from companion_gate.errors import GateError


@dataclass(frozen=True)
class Completed:
    """What a finished command left: exit code (negative: killed by that signal) and both outputs."""

    returncode: int
    stdout: str
    stderr: str


class Processes:
    """Runs commands, each as leader of its own process group, so that the providers it starts die with it."""

    def __init__(self) -> None:
        self._live: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float | None = None
    ) -> Completed:
        """Run one command to its end; both pipes are drained, stdin is empty, `timeout` is in seconds.

        Raises GateError when the program cannot be started or does not end in time. On any exception, Ctrl-C
        included, the whole process group is killed first.
        """
        process: subprocess.Popen[str] | None = None
        finished = False
        try:
            with _interrupt_held():
                process = self._start(command, cwd, env)
            stdout, stderr = process.communicate(timeout=timeout)
            finished = process.returncode >= 0
            return Completed(process.returncode, stdout, stderr)
        except subprocess.TimeoutExpired as error:
            raise GateError(
                f"{' '.join(command[:2])} in {cwd} did not finish within {error.timeout:.0f} s and was stopped; "
                "look for an endpoint that does not answer, or allow more time"
            ) from None
        finally:
            if process is not None:
                # A terraform that a signal ended leaves its provider behind, so the group is killed then as well.
                if not finished:
                    _kill_group(process)
                for pipe in (process.stdout, process.stderr):
                    if pipe is not None:
                        pipe.close()
                with self._lock:
                    self._live.discard(process)

    def kill_all(self) -> None:
        """Kill what still runs (in other threads) and refuse to start anything more."""
        with self._lock:
            self._closed = True
            live = list(self._live)
        for process in live:
            _kill_group(process)

    def _start(self, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise GateError(f"{command[0]} cannot be started: the Terraform session is closed; open a new one")
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    encoding="utf-8",
                    errors="replace",
                    start_new_session=True,
                )
            except OSError as error:
                raise GateError(
                    f"{command[0]} cannot be started in {cwd}: {error.strerror or error}; check the file and folder"
                ) from error
            self._live.add(process)
            return process


def _kill_group(process: subprocess.Popen[str]) -> None:
    # Neither is an error: nothing is left of the group (macOS answers EPERM for a group of zombies).
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _interrupt_held() -> Iterator[None]:
    """Put a Ctrl-C off until the child is registered; else a child just forked would be left running."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        held.append(number)

    previous = signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
        if held:
            signal.raise_signal(signal.SIGINT)
