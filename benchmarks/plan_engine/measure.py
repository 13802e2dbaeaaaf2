"""What a command costs, with everything that it starts."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_REAPER = Path(__file__).with_name("reaper.py")


@dataclass(frozen=True)
class Cost:
    """Wall and CPU (user and system) seconds of a command and of all it started, daemons and killed ones included.

    `peaks` is the peak resident memory in bytes of the largest process, by program name; `output` is what it printed.
    """

    wall: float
    cpu: float
    peaks: Mapping[str, int] = field(default_factory=dict)
    output: str = ""


def measured(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], peaks: bool = False) -> Cost:
    """Run a command to its end. SystemExit when it fails, or leaves a process running."""
    with tempfile.NamedTemporaryFile(prefix="cost-", suffix=".json") as report:
        # -I and -S: the reaper must not load what the environment is set up for.
        reaper = [sys.executable, "-I", "-S", str(_REAPER), *(["--peaks"] if peaks else []), report.name]
        done = subprocess.run([*reaper, *command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{_REAPER.name} failed (it needs Linux):\n{done.stderr}")
        facts = json.loads(Path(report.name).read_text(encoding="utf-8"))
    told = " ".join(command[:3])
    if facts["code"] != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise SystemExit(f"{told} ended with exit code {facts['code']}:\n{last}")
    if facts["left"]:
        raise SystemExit(f"{told} left {facts['left']} processes running")
    return Cost(facts["wall"], facts["cpu"], facts["peaks"], done.stdout)
