"""``companion-gate serve`` as a person calls it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from websockets.sync.client import connect

from tests.e2e.conftest import EXAMPLES
from tests.hermetic import addresses, deployers_environment, needs_strace, outside, traced

pytestmark = needs_strace


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, with a deployer's credentials around it, and every connection of it and its functions watched."""
    command = [sys.executable, "-m", "companion_gate", "serve", str(EXAMPLES / "text-chat"), "--port", "0"]
    home = tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [*traced(str(tmp_path / "trace")), *command],
        env={**deployers_environment(home), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ctrl-C for the program that is watched."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGINT)


def until(output: IO[str] | None, pattern: str) -> re.Match[str]:
    """The first line in which something is found."""
    assert output is not None
    lines = []
    for line in output:
        lines.append(line)
        if found := re.search(pattern, line):
            return found
    pytest.fail("".join(lines))


def test_it_is_talked_to_on_loopback_alone_and_leaves_nothing(serving: subprocess.Popen[str], tmp_path: Path) -> None:
    page = until(serving.stdout, r"Open (http://127\.0\.0\.1:\d+/) and press Connect")[1]
    with urllib.request.urlopen(page) as answer:  # noqa: S310 - the scheme is http
        assert b"Local companion" in answer.read()
    with urllib.request.urlopen(f"{page}ticket?user=ann") as answer:  # noqa: S310
        ticket = json.load(answer)["ticket"]
    protocols: Any = ["companion.v1", ticket]
    with connect(f"{page.replace('http', 'ws')}live", subprotocols=protocols, compression=None) as socket:
        socket.send(json.dumps({"action": "send", "turn_id": "t", "text": "I am at 4 Privet Street"}))
        while json.loads(socket.recv(20))["type"] != "end":
            pass
    until(serving.stdout, r"companion-text-worker\s+\d+ ms\s+cold\s+ok")
    interrupt(serving)
    rest, _ = serving.communicate(timeout=60)
    assert serving.returncode == 0, rest
    assert "Traceback" not in rest
    assert "Privet" not in rest
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "trace"]
    seen = addresses(tmp_path / "trace")
    assert seen != set()
    assert outside(seen) == set()
