from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import mirror

from .conftest import WriteTree
from .sts import serving
from .test_driver import ends

ASKS_AWS = 'provider "aws" {\n  region = "us-east-1"\n}\ndata "aws_caller_identity" "me" {}\n'
GATE = """
import sys
from pathlib import Path
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import mirror
with TerraformSession.open(sys.argv[2]) as session:
    make_plan(mirror(Path(sys.argv[1]), session.new_folder()), session)
"""


@pytest.fixture
def short(session: TerraformSession) -> Iterator[Path]:
    """A folder with a short path, as pytest's are too long for a provider's socket."""
    with tempfile.TemporaryDirectory(prefix="t-", dir=session.folder.parent) as folder:
        yield Path(folder)


def test_all_it_makes_is_private_and_goes_with_it(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(short))
    with TerraformSession.open() as session:
        assert session.folder.parent == short
        assert session.folder.stat().st_mode & 0o077 == 0
        assert session.new_folder() != session.new_folder()
        inside = [session.env[name] for name in ("HOME", "TMPDIR", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")]
        assert all(Path(path).is_relative_to(session.folder) for path in inside)
    assert list(short.iterdir()) == []
    session.close()
    with pytest.raises(GateError, match="the Terraform session is closed"):
        session.new_folder()


def test_a_long_tmpdir_still_leaves_room_for_a_providers_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 80)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with TerraformSession.open() as session, socket.socket(socket.AF_UNIX) as provider:
        provider.bind(f"{session.env['TMPDIR']}/plugin1234567890")
    assert not session.folder.exists()


def test_a_refused_endpoint_leaves_nothing_behind(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(short))
    with pytest.raises(GateError, match="is not a loopback URL"):
        TerraformSession.open("https://sts.amazonaws.com")
    assert list(short.iterdir()) == []


def test_closing_stops_a_plan_in_another_thread(tree: WriteTree) -> None:
    root = tree({"main.tf": ASKS_AWS})
    failures: list[GateError] = []

    def run(session: TerraformSession) -> None:
        try:
            make_plan(mirror(root, session.new_folder()), session)
        except GateError as error:
            failures.append(error)

    with serving(answers=False) as sts:
        with TerraformSession.open(sts.url) as session:
            thread = threading.Thread(target=run, args=(session,))
            thread.start()
            assert sts.asked.wait(120)
        thread.join(30)
    assert "killed by signal 9" in str(failures[0])
    assert not session.folder.exists()


def test_ctrl_c_in_the_middle_leaves_no_process_and_no_folder(tree: WriteTree, short: Path) -> None:
    root = tree({"main.tf": ASKS_AWS})
    with serving(answers=False) as sts:
        gate = subprocess.Popen(
            [sys.executable, "-c", GATE, str(root), sts.url],
            env={**os.environ, "TMPDIR": str(short)},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert sts.asked.wait(120)
            started = descendants(gate.pid)
            assert any(command.endswith("terraform") for command in started.values())
            assert any("terraform-provider-aws" in command for command in started.values())
            assert list(short.iterdir())
            gate.send_signal(signal.SIGINT)
            _, stderr = gate.communicate(timeout=30)
        finally:
            if gate.poll() is None:
                # Not SIGKILL: a failure of this test should leave no Terraform behind either.
                gate.send_signal(signal.SIGINT)
                gate.wait(30)
    assert stderr.splitlines()[-1] == "KeyboardInterrupt"
    assert all(ends(pid) for pid in started)
    assert list(short.iterdir()) == []


def descendants(pid: int) -> dict[int, str]:
    """The programs of all processes below `pid`, by their ids."""
    listing = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3)[:3] for line in listing.stdout.splitlines()]
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        below = {int(child): command for child, parent, command in rows if int(parent) in parents}
        found |= below
        parents = set(below)
    return found


def test_an_interrupt_while_a_child_starts_is_not_lost(tmp_path: Path) -> None:
    # The signal comes between fork and the bookkeeping of the child, which would else be left running.
    code = """
import os, signal, subprocess, sys
from pathlib import Path
from companion_gate.terraform import process
real = subprocess.Popen
def interrupted(*args, **kw):
    child = real(*args, **kw)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    return child
process.subprocess.Popen = interrupted
process.Processes().run(["sleep", "600"], cwd=Path("."), env=dict(os.environ))
"""
    gate = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert gate.stderr.splitlines()[-1] == "KeyboardInterrupt"
    started = time.monotonic()
    assert ends(int(gate.stdout))
    assert time.monotonic() - started < 5
