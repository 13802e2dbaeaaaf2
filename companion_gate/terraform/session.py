"""One gate run's Terraform: program, provider source, environments and a private folder that ends with it."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from companion_gate.errors import GateError
from companion_gate.terraform.binary import TerraformBinary, find_terraform
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.environment import hermetic_environment, init_environment
from companion_gate.terraform.process import Processes
from companion_gate.terraform.providers import CliConfig, write_cli_config
from companion_gate.terraform.workspace import Workspace

if TYPE_CHECKING:
    from companion_gate.fastlane.lane import FastLane

COMMAND_SECONDS = 900.0
# A provider listens on <TMPDIR>/plugin<up to 10 digits>, and the path of a Unix socket has at most 103 bytes (macOS;
# 107 on Linux: unix(7)). 24 are for the session's own folder and 22 for "/tmp/plugin..." in it.
_LONGEST_PARENT = 103 - 24 - 22


class TerraformSession:
    """Opened once per gate run and used as a context manager; threads may share it.

    `endpoint_url` is the emulated AWS; with None, roots are planned with a provider that asks AWS nothing.
    `env` is the environment of plan and apply, `init_envs` those of init, in the order of `cli_configs`.
    """

    def __init__(
        self,
        folder: Path,
        binary: TerraformBinary,
        endpoint_url: str | None,
        base_env: Mapping[str, str],
        timeout: float,
    ) -> None:
        self.folder = folder
        self.binary = binary
        self.endpoint_url = endpoint_url
        self.timeout = timeout
        # Terraform's plugin cache must not be written by two inits at once (Terraform docs: "Provider Plugin Cache").
        self.init_lock = threading.Lock()
        self.fast_lane: FastLane | None = None
        """Makes plans with a provider that keeps running; None: every plan is plain Terraform's."""
        self.providers: tuple[str, ...] = ()
        """Sources that a root may use beside hashicorp/aws."""
        self._processes = Processes()
        self._count = 0
        self._count_lock = threading.Lock()
        home, tmp, etc = (folder / name for name in ("home", "tmp", "etc"))
        for made in (home, tmp, etc):
            made.mkdir()
        first = write_cli_config(etc, base_env)
        self.cli_configs: list[CliConfig] = [first, *([first.fallback] if first.fallback else [])]
        self.env = hermetic_environment(base_env, endpoint_url=endpoint_url, cli_config=first.path, home=home, tmp=tmp)
        self.init_envs = [
            init_environment(base_env, cli_config=each.path, home=home, tmp=tmp, plugin_cache=each.plugin_cache)
            for each in self.cli_configs
        ]
        # Runs when the interpreter ends, too, if nobody closed the session.
        self._finalizer = weakref.finalize(self, _end, folder, self._processes)

    @classmethod
    def open(
        cls,
        endpoint_url: str | None = None,
        base_env: Mapping[str, str] | None = None,
        *,
        timeout: float = COMMAND_SECONDS,
    ) -> TerraformSession:
        """Find Terraform and a provider source in `base_env` (default: os.environ) and make the private folder.

        `timeout` is in seconds per Terraform command. Raises GateError when Terraform is missing or too old, or the
        endpoint is not on loopback.
        """
        env = os.environ if base_env is None else base_env
        binary = find_terraform(env)
        folder = _private_folder()
        try:
            return cls(folder, binary, endpoint_url, env, timeout)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def new_folder(self) -> Path:
        """An empty folder of the session for one workspace."""
        if not self._finalizer.alive:
            raise GateError("the Terraform session is closed; open a new one")
        with self._count_lock:
            self._count += 1
            folder = self.folder / f"w{self._count}"
        folder.mkdir()
        return folder

    def terraform(self, workspace: Workspace, account: str | None = None) -> Terraform:
        """A driver for the workspace's root in this session's environment.

        `account` is the twelve-digit account of an emulated AWS that takes it as the access key; None: its default one.
        """
        return Terraform(
            workspace.root,
            binary=self.binary.path,
            env=self.env | ({"AWS_ACCESS_KEY_ID": account} if account else {}),
            init_envs=self.init_envs,
            original=workspace.original,
            processes=self._processes,
            timeout=self.timeout,
        )

    def close(self) -> None:
        """Kill what still runs and remove the private folder; more than once does no harm."""
        self._finalizer()

    def __enter__(self) -> TerraformSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _private_folder() -> Path:
    """A new folder that only this user can read, with a path short enough for the providers' sockets."""
    parent = os.path.realpath(tempfile.gettempdir())
    if len(parent) > _LONGEST_PARENT:
        parent = os.path.realpath("/tmp")  # noqa: S108  # mkdtemp makes a private folder in it
    if len(parent) > _LONGEST_PARENT or not os.access(parent, os.W_OK):
        raise GateError(
            f"no temporary folder with a short path can be written; set TMPDIR to one of at most {_LONGEST_PARENT} "
            "characters"
        )
    return Path(tempfile.mkdtemp(prefix="companion-gate-", dir=parent))


def _end(folder: Path, processes: Processes) -> None:
    processes.kill_all()
    shutil.rmtree(folder, ignore_errors=True)
