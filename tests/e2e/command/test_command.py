"""``companion-gate serve`` as a person calls it."""

from __future__ import annotations

import json
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


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "companion_gate", "serve", str(EXAMPLES / "text-chat"), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    yield process
    process.kill()
    process.communicate()


def until(output: IO[str] | None, pattern: str) -> re.Match[str]:
    """The first line in which something is found."""
    assert output is not None
    lines = []
    for line in output:
        lines.append(line)
        if found := re.search(pattern, line):
            return found
    pytest.fail("".join(lines))


def test_it_says_where_to_go_is_talked_to_and_leaves_nothing(serving: subprocess.Popen[str], tmp_path: Path) -> None:
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
    serving.send_signal(signal.SIGINT)
    rest, _ = serving.communicate(timeout=30)
    assert serving.returncode == 0, rest
    assert "Traceback" not in rest
    assert "Privet" not in rest
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("companion-gate")] == []
