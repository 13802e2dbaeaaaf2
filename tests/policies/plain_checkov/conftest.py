"""An environment that holds Checkov and nothing of this project, and Checkov's answers from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

CHECKOV = "checkov==3.3.30"
TERRAFORM = ("--framework", "terraform", "--skip-download")
SECONDS = 180
REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Scan = Callable[..., "Future[Answer]"]


@pytest.fixture(scope="session")
def checkov(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkov command of the environment."""
    folder = tmp_path_factory.mktemp("plain") / "env"
    finder = uv.find_uv_bin()
    for command in (
        (finder, "venv", "--quiet", "--python", sys.executable, str(folder)),
        (finder, "pip", "install", "--quiet", "--python", str(folder), CHECKOV),
    ):
        done = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            pytest.fail(f"{CHECKOV} could not be installed; see that the package index can be reached: {last}", False)
    return folder / "bin" / "checkov"


@pytest.fixture(scope="session")
def scan(checkov: Path) -> Scan:
    """``scan("-d", folder, policies=…)``: Checkov runs in the background, two at a time; ask for ``.result()``."""
    pool = ThreadPoolExecutor(max_workers=2)

    compiled = str(checkov.parents[1] / "compiled")

    def start(*arguments: str, policies: Path = REPOSITORY / "policies", **environment: str) -> Future[Answer]:
        shown = policies.relative_to(REPOSITORY) if policies.is_relative_to(REPOSITORY) else policies
        command = [str(checkov), *arguments, "--external-checks-dir", str(shown), "-c", "CKV_AIC_*"]
        return pool.submit(_run, command, {**_environment(), "PYTHONPYCACHEPREFIX": compiled, **environment})

    return start


def _run(command: list[str], environment: dict[str, str]) -> Answer:
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def _environment() -> dict[str, str]:
    dropped = ("PYTHON", "VIRTUAL_ENV", "COMPANION_GATE", "CKV_", "BC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"}


def copied_policies(target: Path) -> Path:
    shutil.copytree(REPOSITORY / "policies", target, ignore=shutil.ignore_patterns("__pycache__"))
    return target
