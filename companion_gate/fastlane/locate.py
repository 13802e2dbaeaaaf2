"""Finds the very provider program that `terraform init` would install for a root."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.fastlane.versions import newest
from companion_gate.hcl.documents import read_file
from companion_gate.terraform.configuration import attribute_value, literal
from companion_gate.terraform.providers import REGISTRY_HOST
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import generated

ADDRESS = f"{REGISTRY_HOST}/hashicorp/aws"
_LOCK_FILE = ".terraform.lock.hcl"
_PROGRAM = "terraform-provider-aws*"


@dataclass(frozen=True)
class ProviderProgram:
    """A provider program with its version and, for reports, the source that it was had from."""

    path: Path
    version: str
    source: str


class ProviderFinder:
    """Remembers what was found, by version constraints and lock file; threads may share it."""

    def __init__(self, session: TerraformSession) -> None:
        self._session = session
        self._found: dict[str, ProviderProgram] = {}
        self._lock = threading.Lock()

    def find(self, root: Path, constraints: tuple[str, ...]) -> ProviderProgram:
        """The program for a root with these constraints on hashicorp/aws.

        Where an unpacked mirror alone decides, it is read; else Terraform itself installs the provider into an empty
        root with the same constraints and lock file, once, and verifies the file's hashes. Raises GateError.
        """
        lock_file = root / _LOCK_FILE
        locked = lock_file.read_bytes() if lock_file.is_file() else b""
        key = hashlib.sha256(json.dumps([constraints, locked.hex()]).encode()).hexdigest()
        with self._lock:
            if key not in self._found:
                found = None if locked else self._in_mirror(constraints)
                self._found[key] = found or self._installed(constraints, locked)
            return self._found[key]

    def _in_mirror(self, constraints: tuple[str, ...]) -> ProviderProgram | None:
        """The program in the session's mirror folder; None when Terraform has to choose."""
        config = self._session.cli_configs[0]
        if config.is_users:
            return None
        mirrors = [
            literal(attribute_value(block, "path"))
            for installation in read_file(config.path).blocks
            for block in installation.blocks
            if block.kind == "filesystem_mirror"
        ]
        if len(mirrors) != 1 or mirrors[0] is None:
            return None
        folder = Path(mirrors[0]) / ADDRESS
        packages = [path for path in folder.glob("*/*") if path.is_dir()]
        # The session chose this mirror because it serves this platform, so a single one in it is ours.
        if any(folder.glob("*.zip")) or len({path.name for path in packages}) != 1:
            return None
        version = newest([path.parent.name for path in packages], constraints)
        chosen = [path for path in packages if path.parent.name == version]
        return ProviderProgram(_program(chosen[0]), version, config.description) if version and chosen else None

    def _installed(self, constraints: tuple[str, ...], locked: bytes) -> ProviderProgram:
        session = self._session
        config = session.cli_configs[0]
        if config.is_users and re.search(r"^\s*dev_overrides\b", config.path.read_text("utf-8"), re.MULTILINE):
            raise GateError(f"{config.path}: dev_overrides replace the provider")
        version = f"\n      version = {json.dumps(', '.join(constraints))}" if constraints else ""
        entry = f'    aws = {{\n      source = "hashicorp/aws"{version}\n    }}\n'
        text = f"terraform {{\n  required_providers {{\n{entry}  }}\n}}\n"
        workspace = generated({"versions.tf": text}, {}, session.new_folder())
        if locked:
            (workspace.root / _LOCK_FILE).write_bytes(locked)
        terraform = session.terraform(workspace)
        with session.init_lock:
            terraform.init()
        packages = list((workspace.root / ".terraform" / "providers" / ADDRESS).glob("*/*"))
        if len(packages) != 1:
            raise GateError(f"terraform init installed {len(packages)} versions of {ADDRESS} where one was expected")
        source = session.cli_configs[terraform.init_env_used].description
        return ProviderProgram(_program(packages[0].resolve()), packages[0].parent.name, source)


def _program(package: Path) -> Path:
    programs = [path for path in package.glob(_PROGRAM) if path.is_file()]
    if len(programs) != 1:
        raise GateError(f"{package} holds {len(programs)} provider programs where one was expected")
    return programs[0]
