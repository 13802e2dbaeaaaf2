"""Roots and programs the Terraform runtime is tried on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from companion_gate.terraform.session import TerraformSession

WriteTree = Callable[[Mapping[str, str]], Path]
FakeTerraform = Callable[[str], Path]


@pytest.fixture(scope="session")
def session() -> Iterator[TerraformSession]:
    """A session without an AWS endpoint."""
    with TerraformSession.open() as opened:
        yield opened


@pytest.fixture
def tree(tmp_path: Path) -> WriteTree:
    """Writes files by relative path into a checkout of its own and gives the checkout."""

    def write(files: Mapping[str, str]) -> Path:
        checkout = tmp_path / "checkout"
        (checkout / ".git").mkdir(parents=True)
        for name, text in files.items():
            file = checkout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return checkout

    return write


@pytest.fixture
def fake_terraform(tmp_path: Path) -> FakeTerraform:
    """Makes a Python program called `terraform`, alone in a folder, and gives its path."""

    def make(body: str) -> Path:
        program = tmp_path / "bin" / "terraform"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!{sys.executable}\nimport json, os, sys\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    return make
