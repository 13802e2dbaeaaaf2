"""An environment of LocalStack's own: its dependencies and the gate's exclude each other."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from companion_gate.cache.store import ContentCache, user_cache_folder
from companion_gate.errors import GateError

VERSION = "4.14.0"
"""The last release that starts without an account (LocalStack announced the change for its images of March 2026)."""

PYTHON_VARIABLE = "COMPANION_GATE_LOCALSTACK_PYTHON"
# Measured: 4.14.0 has syntax of Python 3.12, and starts on 3.11 only to fail in every call.
_OLDEST = (3, 12)
_NAMES = ("python3.13", "python3.12", "python3.14")
_HERE = Path(__file__).parent
_LOCK = _HERE / "requirements.lock"
_KIT = _HERE / "kit" / "companion_gate_kit.py"
_ENTRY_POINTS = """[localstack.aws.provider]
dynamodb:moto = companion_gate_kit:dynamodb_moto

[localstack.lambda.runtime_executor]
none = companion_gate_kit:NoFunctionRuns
"""
_METADATA = "Metadata-Version: 2.1\nName: companion-gate-kit\nVersion: 1\n"
_CURE = f"install Python 3.13, name it in {PYTHON_VARIABLE}, or set LOCALSTACK_ENDPOINT to a LocalStack that runs"


def interpreter(environ: Mapping[str, str]) -> Path:
    """The Python of LocalStack's environment, which is made when it is first asked for (about 350 MB, from PyPI).

    Raises GateError where no Python can be found for it, or it cannot be installed.
    """
    cache = user_cache_folder(environ)
    if cache is None:
        raise GateError("LocalStack cannot be installed without a folder for it: set HOME or XDG_CACHE_HOME")
    python = _python(environ)
    made_of = (_LOCK.read_bytes(), _KIT.read_bytes(), _ENTRY_POINTS.encode(), str(python).encode())
    folder = cache / f"localstack-{VERSION}-{hashlib.sha256(b''.join(made_of)).hexdigest()[:12]}"
    with ContentCache(cache).alone(folder.name):
        if not folder.exists():
            # Whole or not at all. Nothing in an environment names its own folder but scripts that nobody calls here.
            with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=cache) as draft:
                _install(python, Path(draft) / "env", environ)
                with contextlib.suppress(OSError):
                    (Path(draft) / "env").rename(folder)
    return folder / "bin" / "python"


def _python(environ: Mapping[str, str]) -> Path:
    if named := environ.get(PYTHON_VARIABLE):
        if (version := _version(named)) is None or version < _OLDEST:
            raise GateError(f"{PYTHON_VARIABLE}={named} is no Python of 3.12 or newer; {_CURE}")
        return Path(named)
    for candidate in _candidates(environ):
        version = _version(candidate)
        if version is not None and version >= _OLDEST:
            return Path(candidate)
    raise GateError(f"LocalStack {VERSION} needs a Python of 3.12 or newer beside the gate's own; {_CURE}")


def _candidates(environ: Mapping[str, str]) -> Iterator[str]:
    if sys.version_info >= _OLDEST:
        yield sys.executable
    path = environ.get("PATH", os.defpath)
    yield from (found for name in _NAMES if (found := shutil.which(name, path=path)))
    roots = [Path(environ[name]) for name in ("PYENV_ROOT",) if name in environ]
    roots += [Path(environ["HOME"]) / ".pyenv"] if "HOME" in environ else []
    for root in roots:
        yield from (str(each) for name in _NAMES for each in sorted(root.glob(f"versions/*/bin/{name}")))


def _version(python: str) -> tuple[int, int] | None:
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=30)
        major, minor = done.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return int(major), int(minor)


def _install(python: Path, folder: Path, environ: Mapping[str, str]) -> None:
    _run([str(python), "-I", "-m", "venv", *(["--without-pip"] if _has_uv() else []), str(folder)], environ)
    target = folder / "bin" / "python"
    if _has_uv():
        _run([sys.executable, "-m", "uv", "pip", "sync", "--python", str(target), str(_LOCK)], environ)
    else:
        _run([str(target), "-m", "pip", "install", "--no-deps", "--quiet", "-r", str(_LOCK)], environ)
    (site,) = folder.glob("lib/python*/site-packages")
    shutil.copyfile(_KIT, site / _KIT.name)
    info = site / "companion_gate_kit-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(_METADATA, encoding="utf-8")
    (info / "entry_points.txt").write_text(_ENTRY_POINTS, encoding="utf-8")


def _has_uv() -> bool:
    return importlib.util.find_spec("uv") is not None


def _run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, env=dict(environ), stdout=output, stderr=output, check=False)
        if done.returncode != 0:
            output.seek(0)
            last = " ".join(output.read().split())[-300:]
            raise GateError(f"LocalStack {VERSION} cannot be installed ({last}); {_CURE}")
