"""Runs one command and tells what it and all it started cost: ``python reaper.py [--peaks] REPORT COMMAND…`` (Linux).

RUSAGE_CHILDREN holds only processes that were waited for. Terraform's providers, and whatever else outlives its parent,
would be missing, so this process makes itself the parent of all orphans below it (prctl(2), PR_SET_CHILD_SUBREAPER)
and waits for each. It stands alone, on the standard library, so that it starts quickly.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_ORPHAN_SECONDS = 15.0
_SAMPLE_SECONDS = 0.02


def descendants() -> list[int]:
    """Process ids of all that runs below this process."""
    found: list[int] = []
    pending = [os.getpid()]
    while pending:
        for path in Path(f"/proc/{pending.pop()}/task").glob("*/children"):
            try:
                children = [int(pid) for pid in path.read_text().split()]
            except OSError:
                continue  # the thread ended meanwhile
            found += children
            pending += children
    return found


def _peak(pid: int) -> tuple[str, int] | None:
    """Name of a process's program and its peak resident memory in bytes (proc(5): VmHWM); None when it is gone."""
    try:
        name = Path(f"/proc/{pid}/exe").readlink().name
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    kib = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return (name, int(kib) * 1024) if kib else None


def _sample(peaks: dict[str, int], ended: threading.Event) -> None:
    """The largest process of each program, looked at every 20 ms; growth in a process's last 20 ms may be missed."""
    while not ended.wait(_SAMPLE_SECONDS):
        for pid in descendants():
            if (found := _peak(pid)) is not None:
                peaks[found[0]] = max(found[1], peaks.get(found[0], 0))


def _wait_for_orphans() -> list[int]:
    """Wait until nothing is left below this process; what does not end by itself is killed, and named."""
    deadline = time.monotonic() + _ORPHAN_SECONDS
    killed: list[int] = []
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return killed
        if pid == 0:
            if time.monotonic() > deadline and not killed:
                killed = descendants()
                for each in killed:
                    os.kill(each, signal.SIGKILL)
            time.sleep(0.005)


def main(arguments: list[str]) -> int:
    with_peaks = arguments[0] == "--peaks"
    report, *command = arguments[with_peaks:]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    peaks: dict[str, int] = {}
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(peaks, ended), daemon=True)
    if with_peaks:
        sampler.start()
    started = time.perf_counter()
    with subprocess.Popen(command) as process:
        code = process.wait()
    wall = time.perf_counter() - started
    ended.set()
    left = _wait_for_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    facts = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "code": code, "left": len(left), "peaks": peaks}
    Path(report).write_text(json.dumps(facts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
