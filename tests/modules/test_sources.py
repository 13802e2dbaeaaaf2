"""Rules of the modules' source that hold in every one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion_gate.hcl.documents import read_file, read_module
from companion_gate.hcl.interface import interface_faults

from .roots import MODULES, REPOSITORY, run_terraform

FOLDERS = sorted({file.parent for file in MODULES.rglob("*.tf")})
COMMON = ("name", "tags", "kms_key_arn", "alarm_topic_arns", "log_retention_days", "account_id", "region")
PUBLIC = sorted(folder for folder in MODULES.iterdir() if folder.is_dir())


def _name(folder: Path) -> str:
    return str(folder.relative_to(MODULES))


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_plans_need_neither_network_nor_account(folder: Path) -> None:
    module = read_module(folder)
    assert module.data == ()
    assert module.providers == ()
    for call in module.modules:
        source = call.attribute("source")
        assert source is not None
        # A sub-folder of the module, or another module beside it.
        assert re.fullmatch(r'"\./[a-z-]+"|"\.\./[a-z-]+"', source.value.text)


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_no_resource_or_module_has_count_or_region(folder: Path) -> None:
    module = read_module(folder)
    for block in (*module.resources, *module.modules):
        assert block.attribute("count") is None, block.labels
    # Of a resource it is an argument that provider 5.100 does not have; of a module it is an input like any other.
    for block in module.resources:
        assert block.attribute("region") is None, block.labels


# Named inside something that has a name of its own.
_NAMED_INSIDE = {
    ("aws_iam_role_policy", "name"): "a policy inside a role",
    ("aws_apigatewayv2_stage", "name"): "a stage inside an API",
    ("aws_cloudwatch_metric_alarm", "metric_name"): "AWS names its metrics, and the handlers theirs",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_no_name_is_written_out_so_that_a_second_deployment_fits_beside_the_first(folder: Path) -> None:
    for resource in read_module(folder).resources:
        for attribute in resource.attributes:
            if re.fullmatch(r"(\w+_)?name(_prefix)?|bucket", attribute.name):
                written_out = re.fullmatch(r'"[^$]*"', attribute.value.text)
                inside = (resource.type, attribute.name) in _NAMED_INSIDE
                assert inside or not written_out, (resource.labels, attribute.value.text)


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_versions_are_bounded_the_same_everywhere(folder: Path) -> None:
    assert (folder / "versions.tf").read_text() == (MODULES / "moderation/versions.tf").read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_interface_is_typed_and_described(folder: Path) -> None:
    assert interface_faults(folder) == []


# What stands by itself, because whatever uses it would else wait for all of the thing: roles are named by what the
# functions depend on, and keys are used while the queue is still being made.
APART = {"turn-handler": {"roles"}, "data-protection": {"keys"}}


@pytest.mark.parametrize("folder", PUBLIC, ids=_name)
def test_outputs_are_the_thing_and_three_contracts(folder: Path) -> None:
    names = {output.name for output in read_module(folder).outputs}
    assert names > {"grants", "alarms", "capacity_contract"}
    assert len(names - APART.get(folder.name, set())) == 4


@pytest.mark.parametrize("name", COMMON)
def test_common_variables_are_written_alike(name: str) -> None:
    texts = set()
    for folder in PUBLIC:
        for block in read_module(folder).blocks("variable", name):
            texts.add(read_file(block.file).text[block.start : block.end])
    assert len(texts) == 1


@pytest.mark.parametrize("folder", ["modules", "examples"])
def test_terraform_fmt(folder: str) -> None:
    result = run_terraform(["fmt", "-check", "-recursive", folder], REPOSITORY)
    assert (result.returncode, result.stdout) == (0, "")
