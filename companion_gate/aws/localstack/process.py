"""LocalStack as a process of this one: on loopback only, and gone with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.terraform.environment import DEAD_END

LOOPBACK = "127.0.0.1"
# Measured: 1 to 5 s, under load.
_START_SECONDS = 120.0
_POLL_SECONDS = 0.2
_LOG_LINES = 15


@contextmanager
def started(python: Path) -> Iterator[str]:
    """The URL of a LocalStack that runs as long as the context lasts. Raises GateError where it does not start."""
    with tempfile.TemporaryDirectory(prefix="companion-gate-localstack-") as folder:
        port = _free_port()
        url = f"http://{LOOPBACK}:{port}"
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(python), "-m", "companion_gate_kit"],
                cwd=folder,
                env=_environment(folder, port),
                # Closed when this process ends, however it does: then LocalStack ends as well.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait(process, url, log)
            yield url
        finally:
            _end(process)


def _environment(folder: str, port: int) -> dict[str, str]:
    """From nothing: no credential, and no proxy but one that leads nowhere, so that each download fails at once."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "FILESYSTEM_ROOT": f"{folder}/fs",
        # The default server listens on every interface, whatever GATEWAY_LISTEN says (measured with 4.14.0).
        "GATEWAY_SERVER": "hypercorn",
        "GATEWAY_LISTEN": f"{LOOPBACK}:{port}",
        "LOCALSTACK_HOST": f"localhost:{port}",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "LAMBDA_RUNTIME_EXECUTOR": "none",
        "HTTP_PROXY": DEAD_END,
        "HTTPS_PROXY": DEAD_END,
        "http_proxy": DEAD_END,
        "https_proxy": DEAD_END,
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
    }


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError), opener.open(f"{url}/_localstack/health", timeout=5):
            return
        time.sleep(_POLL_SECONDS)
    last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])
    why = "ended" if process.poll() is not None else f"did not answer within {_START_SECONDS:.0f} s"
    raise GateError(f"LocalStack {why} instead of starting; set LOCALSTACK_ENDPOINT to one that runs. It said:\n{last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
