"""A block without an instance is settled only where nothing but other HCL could deploy it."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.gate.existence import inputs_behind

from .running import PROVIDER, run_gate, table, write_tree

# A module that deploys its table where the caller names one, through a local, an object and a for_each.
STORE = """
variable "store" {
  type    = object({ diary = optional(object({ days = number })), name = optional(string) })
  default = {}
}

variable "names" {
  type    = map(string)
  default = {}
}

locals {
  diaries = toset([for diary in var.store.diary[*] : "diary"])
}

module "inner" {
  source   = "../inner"
  for_each = local.diaries
  days     = each.value
}

resource "aws_sqs_queue" "named" {
  for_each = { for key, name in var.names : key => name if name != "" }
}

resource "aws_sqs_queue" "always" {}
"""
INNER = """
variable "days" {}

resource "aws_dynamodb_table" "diary" {
  count = var.days == "" ? 0 : 1
}
"""
TABLE = "module.store.module.inner.aws_dynamodb_table.diary"


def _root(folder: Path, arguments: str, *, more: str = "") -> Path:
    main = f'variable "x" {{\n  default = null\n}}\n\nmodule "store" {{\n  source = "./store"\n{arguments}}}\n{more}'
    write_tree(folder, {"main.tf": main, "store/main.tf": STORE, "inner/main.tf": INNER})
    return folder


@pytest.mark.parametrize(
    ("arguments", "address", "inputs"),
    [
        ("", TABLE, ()),
        ("  store = {}\n", TABLE, ()),
        ("  store = null\n", TABLE, ()),
        ("  store = { name = var.x }\n", TABLE, ()),
        ("  store = { diary = var.x }\n", TABLE, ("var.x",)),
        ("  store = { diary = { days = var.x } }\n", TABLE, ("var.x",)),
        ("  store = { (var.x) = null }\n", TABLE, ("var.x",)),
        ("  store = merge({}, var.x)\n", TABLE, ("var.x",)),
        ("  store = local.store\n", TABLE, ("var.x",)),
        ("  store = { diary = module.other.days }\n", TABLE, ("module.other.days",)),
        ("  store = { diary = data.aws_x.y.id }\n", TABLE, ("data.aws_x.y.id",)),
        ("  store = { diary = terraform.workspace }\n", TABLE, ("terraform.workspace",)),
        ("  store = { diary = local.nowhere }\n", TABLE, ("local.nowhere",)),
        ("  count = var.x\n", "module.store.aws_sqs_queue.always", ("var.x",)),
        ('  names = { a = "" }\n', 'module.store.aws_sqs_queue.named["a"]', ()),
        ('  names = { a = var.x["a"].b }\n', "module.store.aws_sqs_queue.named", ('var.x["a"].b',)),
    ],
)
def test_what_an_existence_depends_on(arguments: str, address: str, inputs: tuple[str, ...], tmp_path: Path) -> None:
    more = "locals {\n  store = { diary = local.again }\n  again = var.x\n}\n"
    expected = tuple("var.x" if each.startswith("var.x") else each for each in inputs)
    assert inputs_behind(_root(tmp_path, arguments, more=more), address) == expected


def test_a_way_that_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    root = _root(tmp_path, "")
    with pytest.raises(GateError, match="has 0 blocks resource aws_dynamodb_table nothing"):
        inputs_behind(root, "aws_dynamodb_table.nothing")


# A root is what its files say, defaults included; a workspace is not among them. The module deploys the table only
# where it is told to.
OPTIONAL = """
variable "extra" {
  type    = string
  default = ""
}
""" + table("extra", first='  count = var.extra == "" ? 0 : 1', ttl='length(regexall("yes", var.extra)) > 0')


@pytest.mark.parametrize(
    ("argument", "code", "sentence"),
    [
        ("", 0, "1 of 1"),
        ("extra = var.extra", 0, "1 of 1"),
        (
            'extra = terraform.workspace == "default" ? "" : "yes"',
            1,
            "depends on: terraform.workspace, so that another value could deploy it",
        ),
        ('extra = "no"', 1, "expected: true"),
    ],
)
def test_an_optional_part_of_a_module_is_settled_by_the_call(
    argument: str, code: int, sentence: str, tmp_path: Path
) -> None:
    variable = 'variable "extra" {\n  default = ""\n}\n'
    call = f'module "store" {{\n  source = "./store"\n  {argument}\n}}\n'
    write_tree(tmp_path, {"main.tf": PROVIDER + variable + call + table(), "store/main.tf": OPTIONAL})
    result = run_gate(tmp_path, "--stack", ".")
    assert (result.code, sentence in result.output) == (code, True), result.output
