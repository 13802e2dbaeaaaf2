"""Rules of the modules' source that hold in every one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion_gate.hcl.documents import Block, read_file, read_module
from companion_gate.hcl.interface import interface_faults

from .roots import MODULES, REPOSITORY, run_terraform

FOLDERS = sorted({file.parent for file in MODULES.rglob("*.tf")})
PUBLIC = sorted(folder for folder in MODULES.iterdir() if folder.is_dir())


def _name(folder: Path) -> str:
    return str(folder.relative_to(MODULES))


def _resource(folder: str, type_: str, name: str) -> Block:
    (block,) = read_module(MODULES / folder).blocks("resource", type_, name)
    return block


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_plans_need_neither_network_nor_account(folder: Path) -> None:
    module = read_module(folder)
    assert module.data == ()
    assert module.providers == ()
    assert all(
        source.value.text.strip('"').startswith("./") for call in module.modules if (source := call.attribute("source"))
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_no_resource_or_module_has_count_or_region(folder: Path) -> None:
    module = read_module(folder)
    for block in (*module.resources, *module.modules):
        assert block.attribute("count") is None, block.labels
        assert block.attribute("region") is None, block.labels


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_versions_are_bounded_the_same_everywhere(folder: Path) -> None:
    assert (folder / "versions.tf").read_text() == (MODULES / "moderation/versions.tf").read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_interface_is_typed_and_described(folder: Path) -> None:
    assert interface_faults(folder) == []


@pytest.mark.parametrize("folder", PUBLIC, ids=_name)
def test_outputs_are_the_thing_and_three_contracts(folder: Path) -> None:
    names = {output.name for output in read_module(folder).outputs}
    assert len(names) == 4
    assert names > {"grants", "alarms", "capacity_contract"}


@pytest.mark.parametrize("name", ["name", "tags", "kms_key_arn", "alarm_topic_arns", "log_retention_days"])
def test_common_variables_are_written_alike(name: str) -> None:
    texts = set()
    for folder in PUBLIC:
        for block in read_module(folder).blocks("variable", name):
            texts.add(read_file(block.file).text[block.start : block.end])
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("folder", "type_", "name", "path", "text"),
    [
        ("memory-hot", "aws_dynamodb_table", table, path, text)
        for table in ("memory", "connections", "state")
        for path, text in (
            ("billing_mode", '"PAY_PER_REQUEST"'),
            ("ttl.enabled", "true"),
            ("ttl.attribute_name", '"expires_at"'),
            ("point_in_time_recovery.enabled", "true"),
            ("server_side_encryption.enabled", "true"),
        )
    ]
    + [
        ("memory-hot", "aws_dynamodb_table", "memory", "stream_view_type", '"NEW_AND_OLD_IMAGES"'),
        ("moderation", "aws_bedrock_guardrail_version", "this", "skip_destroy", "true"),
        ("moderation", "aws_bedrock_guardrail_version", "this", "lifecycle.create_before_destroy", "true"),
        ("inference-endpoint", "aws_sagemaker_model", "this", "enable_network_isolation", "true"),
        (
            "inference-endpoint",
            "aws_sagemaker_endpoint_configuration",
            "this",
            "lifecycle.create_before_destroy",
            "true",
        ),
        ("memory-vectors/serverless", "aws_opensearchserverless_collection", "this", "type", '"VECTORSEARCH"'),
    ]
    + [
        ("memory-vectors/domain", "aws_opensearch_domain", "this", path, text)
        for path, text in (
            ("domain_endpoint_options.enforce_https", "true"),
            ("domain_endpoint_options.tls_security_policy", '"Policy-Min-TLS-1-2-PFS-2023-10"'),
            ("encrypt_at_rest.enabled", "true"),
            ("node_to_node_encryption.enabled", "true"),
            ("advanced_security_options.enabled", "true"),
            ("advanced_security_options.anonymous_auth_enabled", "false"),
            ("cluster_config.dedicated_master_enabled", "true"),
            ("cluster_config.zone_awareness_enabled", "true"),
        )
    ],
)
def test_safety_settings_are_literals(folder: str, type_: str, name: str, path: str, text: str) -> None:
    block = _resource(folder, type_, name)
    for step in path.split(".")[:-1]:
        (block,) = (inner for inner in block.blocks if inner.kind == step)
    attribute = block.attribute(path.split(".")[-1])
    assert attribute is not None
    assert attribute.value.text == text


def test_payment_data_is_blocked_by_the_same_list_that_inputs_are_checked_against() -> None:
    source = (MODULES / "moderation/guardrail.tf").read_text()
    literal = set(re.findall(r'type   = "(\w+)"\n\s+action = "BLOCK"', source))
    masked = set(re.findall(r'type   = "(\w+)"\n\s+action = lookup', source))
    locals_ = {local.name: local.value.text for local in read_module(MODULES / "moderation").locals}
    assert set(re.findall(r'"(\w+)"', locals_["pii_always_blocked"])) == literal
    assert set(re.findall(r'"(\w+)"', locals_["pii_masked_at_least"])) == masked


@pytest.mark.parametrize("folder", ["modules", "examples"])
def test_terraform_fmt(folder: str) -> None:
    result = run_terraform(["fmt", "-check", "-recursive", folder], REPOSITORY)
    assert (result.returncode, result.stdout) == (0, "")
