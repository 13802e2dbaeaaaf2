from __future__ import annotations

import re
from pathlib import Path

import pytest

from companion_gate.hcl.documents import HclError, read_module


def line_of(text: str, fragment: str) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def test_blocks_come_by_kind_with_file_line_and_labels(module: Path, main_tf: str) -> None:
    source = read_module(module)

    assert [block.labels for block in source.resources] == [
        ("aws_dynamodb_table", "memory"),
        ("aws_bedrock_guardrail", "this"),
    ]
    assert [(block.type, block.name) for block in source.data] == [("aws_region", "here")]
    assert [block.name for block in source.modules] == ["queue"]
    assert [block.name for block in source.providers] == ["aws"]
    assert [block.labels for block in source.terraform] == [()]
    assert [block.name for block in source.variables] == ["ttl_enabled", "limits"]
    assert [local.name for local in source.locals] == ["prefix", "tags", "policy"]
    output = source.outputs[0]
    assert (output.file.name, output.line, output.name) == ("variables.tf", 18, "arn")
    guardrail = source.blocks("resource", "aws_bedrock_guardrail")[0]
    assert guardrail.line == line_of(main_tf, 'resource "aws_bedrock_guardrail"')


def test_an_operation_ends_where_its_last_operand_ends(module: Path) -> None:
    table = read_module(module).resources[0]
    encryption = next(block for block in table.blocks if block.kind == "server_side_encryption")

    enabled = encryption.attribute("enabled")

    assert enabled is not None
    assert enabled.value.text == "true && var.encrypted"


def test_windows_line_ends_are_read_at_the_same_lines(module: Path, main_tf: str) -> None:
    (module / "main.tf").write_bytes(main_tf.replace("\n", "\r\n").encode())

    source = read_module(module)

    assert source.modules[0].line == line_of(main_tf, 'module "queue"')
    assert source.locals[2].value.text.endswith("EOT")


def test_a_changed_file_is_read_again(module: Path) -> None:
    read_module(module)
    (module / "main.tf").write_text('data "aws_region" "there" {}\n')

    assert [block.name for block in read_module(module).data] == ["there"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('resource "a" "b" {\n  x = = 1\n}\n', "modules/memory/main.tf:2: cannot be read as HCL: unexpected '='"),
        ('resource "a" "b" {\n  x = 1\n', "modules/memory/main.tf:3: cannot be read as HCL: unexpected end of file"),
        ("x = \ny = 2\n", "modules/memory/main.tf:1: cannot be read as HCL: unexpected end of line"),
        ("a {\n  b = 'c'\n}\n", "modules/memory/main.tf:2: cannot be read as HCL: unexpected \"'c'\""),
    ],
)
def test_broken_hcl_is_refused_with_file_line_and_cure(module: Path, text: str, message: str) -> None:
    (module / "main.tf").write_text(text)

    with pytest.raises(HclError, match=re.escape(message) + ".*; run `terraform fmt`") as caught:
        read_module(module)

    assert "\n" not in str(caught.value)


def test_text_that_is_not_utf8_is_refused(module: Path) -> None:
    (module / "main.tf").write_bytes(b'# fine\nlocals { a = "\xe9" }\n')

    with pytest.raises(HclError, match=r"modules/memory/main\.tf:2: is not UTF-8 text"):
        read_module(module)


@pytest.mark.parametrize("name", ["more.tf.json", "override.tf", "main_override.tf"])
def test_files_that_terraform_reads_and_the_gate_does_not_are_refused(module: Path, name: str) -> None:
    (module / name).write_text("{}")

    with pytest.raises(HclError, match=rf"modules/memory/{re.escape(name)}: .* (is|are) not read by the gate; "):
        read_module(module)


def test_files_that_terraform_ignores_are_ignored(module: Path) -> None:
    (module / ".#main.tf").write_text("broken {")
    (module / "main.tf~").write_text("broken {")

    assert [file.file.name for file in read_module(module).files] == ["main.tf", "variables.tf"]


def test_a_folder_without_terraform_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HclError, match=r"holds no \.tf file"):
        read_module(tmp_path)
    with pytest.raises(HclError, match="is not a folder"):
        read_module(tmp_path / "absent")
