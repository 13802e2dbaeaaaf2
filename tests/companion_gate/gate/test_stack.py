"""Where the values of a stack's variables may come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.gate.stack import cases_of

VARIABLE = 'variable "region" {\n  type = string\n}\n'


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(VARIABLE)
    return tmp_path


def test_variable_without_a_value_is_named(stack: Path) -> None:
    with pytest.raises(GateError, match=r"nothing gives var\.region a value"):
        cases_of(stack)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terraform.tfvars", 'region = "eu-central-1"\n'),
        ("prod.auto.tfvars", 'region = "eu-central-1"\n'),
        ("terraform.tfvars.json", '{"region": "eu-central-1"}'),
        ("prod.auto.tfvars.json", '{"region": "eu-central-1"}'),
    ],
)
def test_variable_files_that_terraform_reads_by_itself_count(stack: Path, name: str, text: str) -> None:
    (stack / name).write_text(text)
    assert [case.name for case in cases_of(stack)] == ["plan"]


def test_variable_of_the_environment_counts(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_region", "eu-central-1")
    assert [case.name for case in cases_of(stack)] == ["plan"]


def test_unreadable_variable_file_is_said(stack: Path) -> None:
    (stack / "terraform.tfvars.json").write_text("[1")
    with pytest.raises(GateError, match=r"terraform\.tfvars\.json: cannot be read as JSON"):
        cases_of(stack)
