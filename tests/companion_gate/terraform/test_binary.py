from __future__ import annotations

import os
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.binary import find_terraform

from .conftest import FakeTerraform

ANSWERS = "print(json.dumps({'terraform_version': '%s'}))"


def test_finds_the_terraform_of_this_machine() -> None:
    found = find_terraform(os.environ)
    assert found.path.is_file()
    assert found.version.split(".")[0] == "1"


def test_takes_the_first_on_the_path_and_tells_its_version(fake_terraform: FakeTerraform) -> None:
    program = fake_terraform(ANSWERS % "1.15.5-rc1")
    found = find_terraform({"PATH": os.pathsep.join([str(program.parent), os.environ["PATH"]])})
    assert (found.path, found.version) == (program, "1.15.5-rc1")


def test_missing_terraform_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"terraform is not on the PATH; install Terraform 1\.9 .*terraform/install"):
        find_terraform({"PATH": str(tmp_path)})


@pytest.mark.parametrize("version", ["1.8.5", "0.15.0"])
def test_old_terraform_says_what_is_found_and_needed(fake_terraform: FakeTerraform, version: str) -> None:
    program = fake_terraform(ANSWERS % version)
    with pytest.raises(GateError, match=rf"is Terraform {version}, but the gate needs 1\.9"):
        find_terraform({"PATH": str(program.parent)})


@pytest.mark.parametrize("body", ["print('not json')", "sys.exit(3)", "print('[]')"])
def test_broken_terraform_is_named(fake_terraform: FakeTerraform, body: str) -> None:
    program = fake_terraform(body)
    with pytest.raises(GateError, match="does not answer `terraform version -json`"):
        find_terraform({"PATH": str(program.parent)})


def test_version_is_asked_in_a_clean_environment(fake_terraform: FakeTerraform) -> None:
    program = fake_terraform("print(json.dumps({'terraform_version': '1.9.0-' + '+'.join(sorted(os.environ))}))")
    found = find_terraform({"PATH": str(program.parent), "TF_LOG": "trace", "AWS_PROFILE": "prod", "HOME": "/nowhere"})
    assert not {"TF_LOG", "AWS_PROFILE"} & set(found.version.removeprefix("1.9.0-").split("+"))
