"""One provider process, started for reattachment, and the calls to it."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError
from companion_gate.fastlane.locate import ADDRESS
from companion_gate.fastlane.wire import configure_failed

PROTOCOLS = (5, 6)
START_SECONDS = 60.0
_REATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(\{.*\})'")
_POLL_SECONDS = 0.01
# Run by hand, a provider traces all it does, about 0.4 MB a plan (measured for 5.100), which is time and may be secret.
_NO_LOG = {"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER": "OFF", "TF_LOG_PROVIDER_AWS": "OFF"}
# Ends the whole process group when the pipe on descriptor 3 closes: that happens however the gate ends, SIGKILL
# included. The provider takes the shell's place, so its process id is the group's.
_GUARDED = 'exec 3<&0; (read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec "$0" -debug 3<&- </dev/null'


class ProviderDied(GateError):  # noqa: N818  # said of a process, as Python's own ChildProcessError
    """The provider process ended, or does not answer any more."""


class CallFailed(Exception):  # noqa: N818  # an answer of the provider, not a fault of the gate
    """The provider answered a call with a gRPC status: `code` is a grpc.StatusCode."""

    def __init__(self, code: Any, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


def load_grpc() -> Any:
    """The grpc package. Raises GateError when the extra is not installed."""
    try:
        return importlib.import_module("grpc")
    except ImportError:
        raise GateError("grpcio is not installed; install companion-gate[fast]") from None


class Provider:
    """A running provider; started by the constructor, which returns when it listens.

    `program` is the provider's file, `env` its whole environment, whose TMPDIR holds its socket; `folder` takes its
    output. `protocol` is 5 or 6. Threads may share it. Raises GateError when it does not start.
    """

    def __init__(self, program: Path, env: Mapping[str, str], folder: Path) -> None:
        self._grpc = load_grpc()
        self.digest: str | None = None
        self.leases = 0
        self._configure_lock = threading.Lock()
        self._configured: bytes | None = None
        self._died = False
        self._log = Path(tempfile.mkdtemp(prefix="provider-", dir=folder))
        with (self._log / "stdout").open("wb") as stdout, (self._log / "stderr").open("wb") as stderr:
            try:
                self._process = subprocess.Popen(
                    ["/bin/sh", "-c", _GUARDED, str(program)],
                    cwd=folder,
                    env={**env, **_NO_LOG},
                    stdin=subprocess.PIPE,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
            except OSError as error:
                raise GateError(f"{program} cannot be started: {error.strerror or error}") from error
        try:
            self.protocol, socket = self._announced(program)
        except BaseException:
            self.kill()
            raise
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._channel = self._grpc.insecure_channel(f"unix:{socket}", options=options)

    @property
    def pid(self) -> int:
        """Process id of the provider, and id of its process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs and answers."""
        return not self._died and self._process.poll() is None

    def call(self, method: str, request: bytes) -> bytes:
        """Answer of the provider to a unary call such as "GetSchema". Raises ProviderDied or CallFailed."""
        path = f"/tfplugin{self.protocol}.Provider/{method}"
        try:
            answer: bytes = self._channel.unary_unary(path)(request)
        except self._grpc.RpcError as error:
            code, details = error.code(), str(error.details())
            if code is self._grpc.StatusCode.UNAVAILABLE or not self.alive:
                # A killed process is not reaped at once, and must not be lent again until it is.
                self._died = True
                raise ProviderDied(f"the provider process ended during {method}") from None
            raise CallFailed(code, details) from None
        except ValueError:
            # grpc's word for a closed channel: the process was killed on purpose.
            raise ProviderDied(f"the provider process was stopped before {method}") from None
        return answer

    def configure(self, method: str, request: bytes) -> bytes:
        """As `call`, but a success is asked for once only: a process is never configured while it plans."""
        with self._configure_lock:
            if self._configured is None:
                answer = self.call(method, request)
                if configure_failed(answer):
                    return answer
                self._configured = answer
            return self._configured

    def kill(self) -> None:
        """End the process and its whole group; more than once does no harm."""
        channel = getattr(self, "_channel", None)
        if channel is not None:
            channel.close()
        # Neither is an error: nothing is left of the group (macOS answers EPERM for a group of zombies).
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _announced(self, program: Path) -> tuple[int, str]:
        """Protocol and socket from the line in which the provider says how to attach (Terraform Plugin docs:
        "Debugging Providers")."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            if match := _REATTACH.search((self._log / "stdout").read_text("utf-8", errors="replace")):
                return _socket_of(match[1], program)
            if ended:
                last = (self._log / "stderr").read_text("utf-8", errors="replace").strip().splitlines()[-1:]
                cause = f": {last[0]}" if last else ""
                raise GateError(f"{program} ended with code {self._process.returncode} before it listened{cause}")
            time.sleep(_POLL_SECONDS)
        raise GateError(f"{program} did not listen within {START_SECONDS:.0f} s")


def _socket_of(announcement: str, program: Path) -> tuple[int, str]:
    try:
        attach = json.loads(announcement)[ADDRESS]
        kind, protocol = attach["Protocol"], attach["ProtocolVersion"]
        network, socket = attach["Addr"]["Network"], attach["Addr"]["String"]
    except (ValueError, KeyError, TypeError):
        raise GateError(f"{program} announces itself in a way that is not known: {announcement}") from None
    if kind != "grpc" or network != "unix" or protocol not in PROTOCOLS:
        raise GateError(f"{program} speaks {kind} {protocol} on {network}; known are grpc 5 and 6 on a Unix socket")
    return int(protocol), str(socket)
