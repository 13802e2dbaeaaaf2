"""``companion-gate serve``: what is wrong is said at once, in one sentence. What is right: tests/e2e."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from companion_gate.cli.main import main
from tests.conftest import REPOSITORY

EXAMPLE = str(REPOSITORY / "examples" / "text-chat")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The sentence with which a call is refused."""
    assert main(["serve", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def test_a_folder_that_is_no_root_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert f"{tmp_path} holds no *.tf file: name the folder of a Terraform root" in said(capsys, str(tmp_path))
    assert "none holds no *.tf file" in said(capsys, str(tmp_path / "none"))


def test_a_port_that_is_taken_is_refused_before_anything_is_applied(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = said(capsys, EXAMPLE, "--port", str(port))
    assert f"port {port} of 127.0.0.1 cannot be used (Address already in use)" in error
    assert "--port 0" in error


def test_a_script_that_is_none_is_refused_before_anything_is_applied(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "s.toml").write_text("[[answer]]\n")
    assert "s.toml has something that is no script" in said(capsys, EXAMPLE, "--script", str(tmp_path / "s.toml"))


def test_a_root_without_region_or_account_asks_for_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    assert "names no account_id of twelve digits: say which one it is deployed to with --account" in said(
        capsys, str(tmp_path), "--port", "0"
    )
    assert "names no Region: say where it is deployed to with --region" in said(
        capsys, str(tmp_path), "--port", "0", "--account", "111122223333"
    )


def test_a_root_without_a_companion_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    arguments = (str(tmp_path), "--port", "0", "--account", "111122223333", "--region", "eu-central-1")
    assert "0 WebSocket APIs with 0 stages are deployed" in said(capsys, *arguments)


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--port", "soon", "'soon' is no port: a whole number from 0 to 65535"),
        ("--port", "65536", "'65536' is no port"),
        ("--idle-timeout", "soon", "'soon' is no whole number from 1"),
        ("--frame-limit", "0", "'0' is no whole number from 1"),
        ("--environments", "0", "'0' is no whole number from 1"),
        ("--account", "4711", "'4711' is no account: twelve digits"),
        ("--region", "Frankfurt", "'Frankfurt' is no Region, such as eu-central-1"),
    ],
)
def test_a_value_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, value: str, says: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", EXAMPLE, option, value])
    assert ended.value.code == 2
    assert f"argument {option}: {says}" in capsys.readouterr().err


def test_a_missing_package_is_named_with_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'companion-gate[serve]'" in said(capsys, EXAMPLE)
