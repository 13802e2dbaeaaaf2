"""Finds the Terraform program."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.terraform.process import Processes

# `terraform init -json`, from which the gate reads typed diagnostics, exists since this release (Terraform changelog).
OLDEST_VERSION = (1, 9)
_INSTALL_PAGE = "https://developer.hashicorp.com/terraform/install"
_ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class TerraformBinary:
    """A Terraform program that is new enough; `version` is its own text, such as "1.11.4"."""

    path: Path
    version: str


def find_terraform(env: Mapping[str, str] = os.environ) -> TerraformBinary:
    """The first `terraform` on the PATH of `env`; GateError when it is missing, broken or older than 1.9."""
    needed = ".".join(str(part) for part in OLDEST_VERSION)
    found = shutil.which("terraform", path=env.get("PATH", ""))
    if found is None:
        raise GateError(
            f"terraform is not on the PATH; install Terraform {needed} or newer from {_INSTALL_PAGE} and put it there"
        )
    path = Path(found).absolute()
    version = _version_of(path, env.get("PATH", ""), path.stat().st_mtime_ns)
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST_VERSION:
        raise GateError(
            f"{path} is Terraform {version}, but the gate needs {needed} or newer; install one from {_INSTALL_PAGE}"
        )
    return TerraformBinary(path, version)


@lru_cache(maxsize=8)
def _version_of(path: Path, search_path: str, changed_ns: int) -> str:
    """The version that the program tells; asked once for each program, told apart by when it was changed."""
    with tempfile.TemporaryDirectory(prefix="companion-gate-") as empty:
        # An empty home and working folder: no CLI configuration, no .terraform folder can change the answer.
        clean = {"PATH": search_path, "HOME": empty, "TMPDIR": empty, "CHECKPOINT_DISABLE": "1"}
        answer = Processes().run([str(path), "version", "-json"], cwd=Path(empty), env=clean, timeout=_ANSWER_SECONDS)
    try:
        version = json.loads(answer.stdout)["terraform_version"]
    except (ValueError, KeyError, TypeError):
        version = None
    if answer.returncode != 0 or not isinstance(version, str):
        raise GateError(
            f"{path} does not answer `terraform version -json` (exit code {answer.returncode}); "
            f"install Terraform again from {_INSTALL_PAGE}"
        )
    return version
