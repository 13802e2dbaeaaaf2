from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_module
from companion_gate.hcl.locate import locate, locate_in

TABLE = ("aws_dynamodb_table", "memory")


@pytest.mark.parametrize(
    ("path", "text", "exact"),
    [
        ("ttl[0].enabled", "enabled        = var.ttl_enabled", True),
        ("ttl.0.enabled", "enabled        = var.ttl_enabled", True),
        ("point_in_time_recovery[0].enabled", "point_in_time_recovery { enabled = true }", True),
        ("server_side_encryption[0].kms_key_arn", "kms_key_arn = var.kms_key_arn", True),
        ("attribute[1].name", 'name = "sort_key"', True),
        ('tags["Owner"]', 'tags = { DataClass = "memory", Owner = "companions" }', True),
        ("tags.Absent", 'tags = { DataClass = "memory", Owner = "companions" }', False),
        ("point_in_time_recovery[0].recovery_period_in_days", "point_in_time_recovery { enabled = true }", False),
        ("deletion_protection_enabled", 'resource "aws_dynamodb_table" "memory" {', False),
        ("attribute[7].name", 'resource "aws_dynamodb_table" "memory" {', False),
        ("", 'resource "aws_dynamodb_table" "memory" {', True),
    ],
)
def test_an_attribute_is_found_or_else_its_nearest_block(module: Path, path: str, text: str, exact: bool) -> None:
    line = locate(module, *TABLE, path)

    assert line is not None
    assert (line.text, line.exact) == (text, exact)
    assert line.file.read_text().splitlines()[line.line - 1].strip() == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("content_policy_config[0].filters_config[3].input_strength", "input_strength = filters_config.value"),
        ("content_policy_config[0].filters_config[3].output_strength", 'dynamic "filters_config" {'),
        ("content_policy_config[0].filters_config", 'dynamic "filters_config" {'),
    ],
)
def test_what_a_dynamic_block_makes_is_found_in_it(module: Path, path: str, text: str) -> None:
    line = locate(module, "aws_bedrock_guardrail", "this", path)

    assert line is not None
    assert line.text == text


def test_a_source_line_reads_like_a_compiler_message(module: Path) -> None:
    assert str(locate(module, *TABLE, "hash_key")) == 'modules/memory/main.tf:4: hash_key = "user_id" # never an email'


@pytest.mark.parametrize(
    ("block", "path", "text"),
    [
        (("module", "queue"), "limits.waits[1].seconds", "waits = [{ seconds = 3 }, { seconds = 9 }]"),
        (("module", "queue"), "limits.waits[2].seconds", "waits = [{ seconds = 3 }, { seconds = 9 }]"),
        (("data", "aws_region", "here"), "name", 'data "aws_region" "here" {}'),
        (("locals",), "policy", "policy = <<-EOT"),
    ],
)
def test_other_blocks_are_found_too(module: Path, block: tuple[str, ...], path: str, text: str) -> None:
    line = locate_in(read_module(module), block, path)

    assert line is not None
    assert line.text == text


def test_a_resource_that_is_not_in_the_folder_has_no_line(module: Path) -> None:
    assert locate(module, "aws_dynamodb_table", "other", "name") is None


@pytest.mark.parametrize("path", ["ttl[", "ttl..enabled", "ttl[0]enabled", "ttl[-1]", "0", ".ttl", "ttl[0"])
def test_a_path_that_cannot_be_read_is_refused(module: Path, path: str) -> None:
    with pytest.raises(GateError, match="cannot be read; write it like"):
        locate(module, *TABLE, path)
