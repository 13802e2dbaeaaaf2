from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import ENVIRONMENT, SOURCE

MODULE = SOURCE.parent


@pytest.fixture(scope="module")
def package() -> ModuleType:
    spec = importlib.util.spec_from_file_location("turn_handler_package", MODULE / "package.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_archive_is_what_the_source_gives(package: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert package.main(["--check"]) == 0, capsys.readouterr().err


def test_archive_that_is_not_says_what_to_run(
    package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(package, "ARCHIVE", tmp_path / "handlers.zip")
    message = "handlers.zip is not what src/ gives: run python modules/turn-handler/package.py and commit it.\n"
    assert package.main(["--check"]) == 1
    assert capsys.readouterr().err == message
    (tmp_path / "handlers.zip").write_bytes(b"PK")
    assert package.main(["--check"]) == 1
    assert package.main([]) == 0
    assert package.main(["--check"]) == 0


def test_two_builds_are_the_same_bytes_wherever_and_whenever(package: ModuleType, tmp_path: Path) -> None:
    copy = tmp_path / "src"
    shutil.copytree(SOURCE, copy)
    for number, path in enumerate(sorted(copy.rglob("*"), reverse=True)):
        os.utime(path, (number, number))
        if path.is_file():
            path.chmod(0o600)
    (copy / "companion" / "__pycache__").mkdir(exist_ok=True)
    (copy / "companion" / "__pycache__" / "worker.cpython-313.pyc").write_bytes(b"x")
    (copy / "companion" / "note.txt").write_text("x")
    assert package.build(copy) == package.build() == package.build()


def test_archive_is_plain_and_readable(package: ModuleType) -> None:
    with zipfile.ZipFile(io.BytesIO(package.build())) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert "companion/worker.py" in [entry.filename for entry in entries]
    for entry in entries:
        assert entry.compress_type == zipfile.ZIP_STORED
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == 0o100644


@pytest.mark.parametrize("function", ["authorizer", "connection", "erase", "forget", "ingest", "listen", "worker"])
def test_archive_holds_each_handler(function: str) -> None:
    with zipfile.ZipFile(MODULE / "handlers.zip") as archive:
        assert b"\ndef handler(event" in archive.read(f"companion/{function}.py")


def test_lambda_can_import_the_archive_with_what_its_runtime_has(tmp_path: Path) -> None:
    names = "authorizer, connection, erase, forget, ingest, listen, worker"
    code = f"from companion import {names}\nprint(worker.__file__)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(MODULE / "handlers.zip"), **ENVIRONMENT}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "handlers.zip" in done.stdout
