"""Ctrl-C, and the SIGTERM of a cancelled CI job, leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.companion_gate.gate.running import PROVIDER, environment, gate_command, table, write_tree

SECONDS = 60


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files with a path short enough for a provider's socket."""
    folder = Path(tempfile.mkdtemp(prefix="g", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def processes_using(folder: Path) -> list[str]:
    """The command lines of all processes whose environment or arguments name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in command + (process / "environ").read_bytes().decode(errors="replace"):
                found.append(command)
        except OSError:
            continue
    return found


def wait_for_process(gate: subprocess.Popen[str], folder: Path, name: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not any(name in command for command in processes_using(folder)):
        assert gate.poll() is None, gate.communicate()[0]
        assert time.monotonic() < deadline, f"no {name} was started"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("number", "question", "program"),
    [
        (signal.SIGINT, "plans", "terraform-provider-aws"),
        (signal.SIGTERM, "plans", "terraform-provider-aws"),
        (signal.SIGTERM, "scan-complete", "worker.py"),
    ],
    ids=["ctrl-c-plan", "sigterm-plan", "sigterm-checkov"],
)
def test_interrupted_run_leaves_nothing(
    tmp_path: Path, temporary: Path, number: signal.Signals, question: str, program: str
) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table()})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gate = subprocess.Popen(
        gate_command("--stack", "infra", "--aws-port", str(port), "-k", f"parses or {question}"),
        cwd=tmp_path,
        env=environment({"TMPDIR": str(temporary)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for_process(gate, temporary, program)
        assert list(temporary.glob("companion-gate-*"))
        os.kill(gate.pid, number)
        output, _ = gate.communicate(timeout=SECONDS)
    finally:
        gate.kill()
        gate.wait()
    assert gate.returncode == pytest.ExitCode.INTERRUPTED
    assert "GATE FAILED: the run was stopped before its end (1 stack, 1 question, 0 policy decisions)" in output
    assert "Traceback" not in output
    assert processes_using(temporary) == []
    assert list(temporary.glob("companion-gate-*")) == []
    socket.create_server(("127.0.0.1", port)).close()
