from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from companion_gate.errors import GateError
from companion_gate.hcl.rewrite import add_block, remove_attribute, remove_block, set_attribute

TABLE = ("resource", "aws_dynamodb_table", "memory")
GUARDRAIL = ("resource", "aws_bedrock_guardrail", "this")
QUEUE = ("module", "queue")


@pytest.mark.parametrize(
    ("block", "path", "expression", "before", "after"),
    [
        (TABLE, "hash_key", '"email"', '"user_id" # never', '"email" # never'),
        (TABLE, "ttl[0].enabled", "false", "= var.ttl_enabled", "= false"),
        (TABLE, "point_in_time_recovery.enabled", "false", "{ enabled = true }", "{ enabled = false }"),
        (TABLE, "server_side_encryption[0].enabled", "false", "true && var.encrypted", "false"),
        (TABLE, "attribute[1].type", '"N"', '"sort_key"\n    type = "S"', '"sort_key"\n    type = "N"'),
        (TABLE, "tags.Owner", "null", '"companions"', "null"),
        (GUARDRAIL, "content_policy_config[0].filters_config[0].type", '"HATE"', "filters_config.key", '"HATE"'),
        (QUEUE, "limits.waits[1].seconds", "10", "seconds = 9", "seconds = 10"),
        (("locals",), "policy", '"{}"', '<<-EOT\n    {"Resource": "${module.queue.arn}", ', None),
    ],
)
def test_setting_an_attribute_changes_nothing_else(
    main_tf: str, block: tuple[str, ...], path: str, expression: str, before: str, after: str | None
) -> None:
    changed = set_attribute(main_tf, block, path, expression)

    if after is None:
        start, end = main_tf.index(before), main_tf.index("  EOT\n") + len("  EOT")
        assert changed == main_tf[:start] + expression + main_tf[end:]
    else:
        assert main_tf.count(before) == 1
        assert changed == main_tf.replace(before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("ttl[0].enabled", "    enabled        = var.ttl_enabled\n", ""),
        ("hash_key", '  hash_key = "user_id" # never', "   # never"),
        ("point_in_time_recovery[0].enabled", "{ enabled = true }", "{  }"),
        ("server_side_encryption[0].enabled", "    enabled = true && var.encrypted\n", ""),
        ("tags.DataClass", 'DataClass = "memory",', ""),
        ("tags.Owner", 'Owner = "companions"', ""),
    ],
)
def test_removing_an_attribute_changes_nothing_else(main_tf: str, path: str, before: str, after: str) -> None:
    assert main_tf.count(before) == 1
    assert remove_attribute(main_tf, TABLE, path) == main_tf.replace(before, after)


def test_what_stands_before_a_removed_element_on_its_line_stays() -> None:
    text = "a {\n  b = {\n    c = 1, d = 2\n  }\n}\n"

    assert remove_attribute(text, ("a",), "b.d") == "a {\n  b = {\n    c = 1, \n  }\n}\n"


@pytest.mark.parametrize(
    ("block", "path", "gone"),
    [
        (TABLE, "point_in_time_recovery", "  point_in_time_recovery { enabled = true }\n"),
        (TABLE, "attribute[1]", '  attribute {\n    name = "sort_key"\n    type = "S"\n  }\n'),
        (("data", "aws_region", "here"), "", 'data "aws_region" "here" {}\n'),
        (("terraform",), "", 'terraform {\n  required_version = ">= 1.9"\n}\n'),
    ],
)
def test_removing_a_block_changes_nothing_else(main_tf: str, block: tuple[str, ...], path: str, gone: str) -> None:
    assert main_tf.count(gone) == 1
    assert remove_block(main_tf, block, path) == main_tf.replace(gone, "")


def test_a_dynamic_block_is_removed_by_the_name_it_makes(main_tf: str) -> None:
    changed = remove_block(main_tf, GUARDRAIL, "content_policy_config[0].filters_config")

    assert "content_policy_config {\n  }\n" in changed


def test_a_block_is_added_at_the_end_of_its_block(main_tf: str) -> None:
    added = "  deletion_protection_enabled = false\n"

    changed = add_block(main_tf, TABLE, added)

    assert changed == main_tf.replace('["Touched"]]\n  }\n}\n', '["Touched"]]\n  }\n' + added + "}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {}\n", "a {\nb {}\n}\n"),
        ("a { c = 1 }\n", "a {\nc = 1\nb {}\n}\n"),
        ("a {\n  c = 1 }\n", "a {\n  c = 1 \nb {}\n}\n"),
        ("a {\r\n  c = 1\r\n}\r\n", "a {\r\n  c = 1\r\nb {}\r\n}\r\n"),
    ],
)
def test_a_block_is_added_to_blocks_of_every_layout(text: str, expected: str) -> None:
    assert add_block(text, ("a",), "b {}") == expected


def test_a_block_is_added_at_the_end_of_the_text() -> None:
    assert add_block("a {}", (), "b {}") == "a {}\nb {}\n"


@pytest.mark.parametrize("change", [remove_attribute, remove_block, partial(set_attribute, expression="1")])
@pytest.mark.parametrize(
    ("block", "path", "message"),
    [
        (TABLE, "ttl[0].absent", r"memory ttl\[0\]\.absent is not written"),
        (TABLE, "ttl[1].enabled", "is not written"),
        (("resource", "aws_dynamodb_table", "other"), "name", "other is not in the HCL"),
        (TABLE, "attribute.name", "fits several 'attribute' blocks; name one by its number"),
    ],
)
def test_a_target_that_is_not_there_is_refused(
    main_tf: str, change: Callable[[str, tuple[str, ...], str], str], block: tuple[str, ...], path: str, message: str
) -> None:
    with pytest.raises(GateError, match=message):
        change(main_tf, block, path)


def test_a_block_is_no_attribute_and_an_attribute_no_block(main_tf: str) -> None:
    with pytest.raises(GateError, match="is a block, not an attribute"):
        set_attribute(main_tf, TABLE, "ttl", "1")
    with pytest.raises(GateError, match="is not an attribute"):
        remove_attribute(main_tf, TABLE, "ttl")
    with pytest.raises(GateError, match="is an attribute, not a block"):
        remove_block(main_tf, TABLE, "hash_key")


@pytest.mark.parametrize("expression", ["", "1 2", "1\nb = 2", 'true }\nresource "a" "b" {', "= 1"])
def test_what_is_not_one_expression_is_refused(main_tf: str, expression: str) -> None:
    with pytest.raises(GateError, match="expression"):
        set_attribute(main_tf, TABLE, "hash_key", expression)


def test_two_blocks_of_one_name_are_not_guessed_between() -> None:
    text = 'provider "aws" {\n  region = "a"\n}\nprovider "aws" {\n  region = "b"\n}\n'

    with pytest.raises(GateError, match="fits 2 blocks"):
        set_attribute(text, ("provider", "aws"), "region", '"c"')
    with pytest.raises(GateError, match="fits 2 blocks"):
        remove_block(text, ("provider", "aws"))
