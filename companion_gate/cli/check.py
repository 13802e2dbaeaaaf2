"""``companion-gate check``: the gate over Terraform that need not be trusted."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

HIJACKING = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTHONPATH", "PYTHONSTARTUP")
"""What would change which questions pytest asks, or which code it imports."""

# Nothing of the judged repository is imported, and its settings of pytest leave no question out and allow no provider:
# only the gate's own (gate_profile, gate_parameters) are read.
_SETTINGS = ("addopts", "pythonpath", "filterwarnings", "log_file", "gate_providers", "cache_dir=.pytest_cache")

_ALONE = (
    *("-m", "pytest", "--noconftest"),
    *(word for each in _SETTINGS for word in ("-o", each if "=" in each else f"{each}=")),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "companion-gate check [DIR ...] [options of pytest]"
    parser.epilog = (
        "Every option of pytest works behind the folders: -k, -x, --lf, -n auto, --junitxml FILE, and the gate's own:\n"
        '--gate-profile, --gate-report FILE, --gate-waivers, --shard K/N (see pytest --help, "companion-gate").\n'
        "No conftest.py and no test of the repository is run; `pytest --stack DIR` does both."
    )
    parser.add_argument(
        "folders", nargs="*", default=["."], metavar="DIR", help="a Terraform root, or a folder of some (default: here)"
    )


def run(options: argparse.Namespace) -> int:
    with subprocess.Popen(_command(options.folders, options.rest), env=_environment()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal has told pytest as well; it tidies up.
            return process.wait()


def judge(folders: Sequence[str], rest: Sequence[str]) -> str:
    """The gate, without its output on the terminal, which is what is given back."""
    done = subprocess.run(_command(folders, rest), env=_environment(), capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _command(folders: Sequence[str], rest: Sequence[str]) -> list[str]:
    return [sys.executable, *_ALONE, *(argument for folder in folders for argument in ("--stack", folder)), *rest]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in HIJACKING}
    # The working directory is no place to import from, for the workers of `-n` neither (Python docs, PYTHONSAFEPATH).
    return {**kept, "PYTHONSAFEPATH": "1"}
