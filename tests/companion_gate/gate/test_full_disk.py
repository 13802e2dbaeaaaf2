"""A disk without room fails the gate with a sentence; nothing passes because it could not be written down."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .running import PROVIDER, GateResult, environment, gate_command, table, write_tree

IN_A_SMALL_TMP = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'


def _can_mount() -> bool:
    unshare = shutil.which("unshare")
    command = [str(unshare), "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return unshare is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="a full disk is made by mounting a small one, which is not allowed here")
@pytest.mark.parametrize("room", ["size=200k", "nr_inodes=4"])
def test_a_full_disk_fails_with_a_sentence(tmp_path: Path, room: str) -> None:
    stack = write_tree(tmp_path / "infra", {"main.tf": PROVIDER + table()})
    small = tmp_path / "small"
    small.mkdir()
    command = ["unshare", "-rm", "sh", "-c", IN_A_SMALL_TMP, "sh", room, str(small)]
    done = subprocess.run(
        [*command, *gate_command("--stack", str(stack), "-p", "no:cacheprovider", "-p", "no:terraform")],
        cwd=tmp_path,
        env=environment({"TMPDIR": str(small), "XDG_CACHE_HOME": str(small / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    result = GateResult(done.returncode, done.stdout + done.stderr)
    assert "Traceback" not in result.output, result.output
    assert result.code == 1
    assert "No space left on device" in result.output
    assert "GATE FAILED" in result.output
    scan = "infra::hcl::scan-complete"
    assert scan in result.failed
    assert "No space left on device" in result.reason(scan)
    if room == "nr_inodes=4":
        assert "set TMPDIR to a folder that has some" in result.reason(scan)
