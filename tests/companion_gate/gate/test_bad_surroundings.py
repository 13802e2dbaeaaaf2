"""A command line or a machine on which the gate cannot work: an error that says what to do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {"infra/main.tf": PROVIDER + table(), "notes/readme.txt": "nothing\n"})


def stub(folder: Path, answer: str) -> dict[str, str]:
    """An environment in which ``terraform`` is a script with this answer."""
    program = folder / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--stack", "nowhere"], "nowhere: there is no such folder; name a folder with Terraform files"),
        (["--stack", "notes"], "neither it nor a folder in it holds a .tf file; nothing would be checked"),
    ],
)
def test_stack_that_is_none_is_a_usage_error(folder: Path, arguments: list[str], sentence: str) -> None:
    result = run_gate(folder, *arguments)
    assert result.code == 4
    assert sentence in result.output


def test_without_terraform_the_gate_does_not_start(folder: Path) -> None:
    (folder / "bin").mkdir()
    result = run_gate(folder, "--stack", "infra", env={"PATH": str(folder / "bin")})
    assert result.code == 4
    assert "terraform is not on the PATH; install Terraform 1.9 or newer" in result.output


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("""echo '{"terraform_version": "1.5.7"}'""", "is Terraform 1.5.7, but the gate needs 1.9 or newer; install"),
        ("exit 3", "does not answer `terraform version -json` (exit code 3); install Terraform again"),
    ],
)
def test_unfit_terraform_is_refused(folder: Path, answer: str, sentence: str) -> None:
    result = run_gate(folder, "--stack", "infra", env=stub(folder, answer))
    assert result.code == 4
    assert sentence in result.output


@pytest.mark.parametrize(
    ("aws", "sentence"),
    [
        ("http://10.0.0.1:4566", "is not on this machine, and the gate must not reach a real account"),
        ("moto", "is not 'embedded', 'localstack' or a URL"),
    ],
)
def test_aws_that_is_not_on_loopback_is_red(folder: Path, aws: str, sentence: str) -> None:
    result = run_gate(folder, "--stack", "infra", "--aws", aws, "-k", "plans")
    assert result.code == 1
    assert sentence in result.reason("infra::plan::plans")


def test_taken_port_is_red(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run_gate(folder, "--stack", "infra", "--aws-port", str(port), "-k", "plans")
    assert result.code == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in result.reason("infra::plan::plans")


def test_provider_that_cannot_be_had_is_red(folder: Path) -> None:
    (folder / "mirror").mkdir()
    config = folder / "terraform.tfrc"
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder / "mirror"}"\n  }}\n}}\n')
    result = run_gate(folder, "--stack", "infra", "-k", "plans", env={"TF_CLI_CONFIG_FILE": str(config)})
    assert result.code == 1
    reason = result.reason("infra::plan::plans")
    assert "provider hashicorp/aws cannot be had" in reason
    assert "put it in a mirror folder or let this machine reach the registry" in reason
