"""Values of HCL: known only where Terraform would certainly come to the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.values import ABSENT, Known, Unknown, Value
from tests.policies.engine.worlds import hcl, hcl_of, only

WORLD = """
variable "plain" {
  default = "p"
}
variable "required" {}
variable "flag" {
  type    = bool
  default = "true"
}
variable "amount" {
  type    = number
  default = "7"
}
variable "object" {
  type = object({ a = optional(bool, false), b = string })
  default = { a = null, b = "x" }
}
variable "nothing" {
  default = null
}
locals {
  from_variable = var.plain
  object        = { deep = { leaf = local.from_variable }, list = ["a", "b"] }
  round         = local.about
  about         = local.round
}
"""


def value_of(folder: Path, expression: str) -> Value:
    return only(hcl(folder, WORLD, f'resource "aws_a" "b" {{\n  c = {expression}\n}}'), "aws_a").get("c")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"text"', "text"),
        ("12", 12),
        ("-1", -1),
        ("true", True),
        ('"${true}"', True),
        ("[1, var.plain]", [1, "p"]),
        ("var.plain", "p"),
        ('"${var.plain}"', "p"),
        ("var.flag", True),
        ("var.amount", 7),
        ("var.object.b", "x"),
        ("local.object.deep.leaf", "p"),
        ("local.object.list[1]", "b"),
        ('local.object["deep"].leaf', "p"),
        ('toset(["b", "a"])', ["a", "b"]),
    ],
)
def test_known(expression: str, expected: object, tmp_path: Path) -> None:
    assert value_of(tmp_path, expression) == Known(expected)


@pytest.mark.parametrize("expression", ["null", "var.nothing"])
def test_null_is_absent(expression: str, tmp_path: Path) -> None:
    assert value_of(tmp_path, expression) == ABSENT


@pytest.mark.parametrize(
    "expression",
    [
        "var.required",
        "var.missing",
        "local.missing",
        "local.round",
        "var.object",
        "var.object.a",
        "var.object.c",
        "local.object.list[7]",
        "local.object.list[*]",
        "local.object[var.plain]",
        "!true",
        "true && false",
        "1 > 2 ? 1 : 0",
        "1 + 1",
        "upper(var.plain)",
        'coalesce("a")',
        '"a-${var.plain}"',
        '"$${var.plain}"',
        '"%{if true}a%{endif}"',
        "each.value",
        "count.index",
        "[for x in local.object.list : x]",
        "data.aws_x.y.z",
        "aws_x.y.z",
        "module.missing.z",
        "terraform.workspace",
        "{ (var.plain) = 1 }",
        '{ "${var.plain}" = 1 }',
    ],
)
def test_unknown(expression: str, tmp_path: Path) -> None:
    assert isinstance(value_of(tmp_path, expression), Unknown)


def test_argument_of_the_call_wins_over_the_default(tmp_path: Path) -> None:
    module = 'variable "on" {\n  default = true\n}\nresource "aws_a" "b" {\n  c = var.on\n}\n'
    call = 'module "m" {\n  source = "./m"\n  on     = false\n}\nmodule "n" {\n  source = "./m"\n}\n'
    graph = hcl(tmp_path, call, m__main_tf=module)
    assert {each.address: each.get("c") for each in graph.resources} == {
        "module.m.aws_a.b": Known(False),
        "module.n.aws_a.b": Known(True),
    }


@pytest.mark.parametrize(("nullable", "expected"), [("", ABSENT), ("  nullable = false\n", Known(False))])
def test_null_argument_means_the_default_only_where_null_is_not_allowed(
    nullable: str, expected: Value, tmp_path: Path
) -> None:
    module = f'variable "on" {{\n  default = false\n{nullable}}}\nresource "aws_a" "b" {{\n  c = var.on\n}}\n'
    graph = hcl(tmp_path, 'module "m" {\n  source = "./m"\n  on = null\n}\n', m__main_tf=module)
    assert only(graph, "aws_a").get("c") == expected


def test_output_of_a_module_through_two_levels(tmp_path: Path) -> None:
    graph = hcl(
        tmp_path,
        'module "m" {\n  source = "./m"\n  given = "g"\n}\nresource "aws_a" "b" {\n  c = module.m.out.leaf\n}\n',
        m__main_tf=(
            'variable "given" {}\nmodule "n" {\n  source = "../n"\n  given = var.given\n}\n'
            'output "out" {\n  value = { leaf = module.n.out }\n}\n'
        ),
        n__main_tf='variable "given" {}\noutput "out" {\n  value = var.given\n}\n',
    )
    assert only(graph, "aws_a").get("c") == Known("g")


ROOT = 'variable "on" {\n  default = "default"\n}\nresource "aws_a" "b" {\n  c = var.on\n}\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "default"),
        ({"terraform.tfvars": 'on = "tfvars"'}, "tfvars"),
        ({"terraform.tfvars": 'on = "tfvars"', "terraform.tfvars.json": '{"on": "json"}'}, "json"),
        ({"terraform.tfvars.json": '{"on": "json"}', "a.auto.tfvars": 'on = "auto"'}, "auto"),
        ({"a.auto.tfvars.json": '{"on": "a"}', "b.auto.tfvars": 'on = "b"'}, "b"),
        ({"b.auto.tfvars.json": '{"on": "b"}', "a.auto.tfvars": 'on = "a"'}, "b"),
        ({"other.tfvars": 'on = "not by itself"'}, "default"),
        ({"override.tf": 'variable "on" {\n  default = "override"\n}\n'}, "override"),
        ({"a_override.tf": 'variable "on" {\n  default = "a"\n}\n', "zz.tf": ""}, "a"),
        (
            {
                "override.tf": 'variable "on" {\n  default = "o"\n}\n',
                "x_override.tf": 'variable "on" {\n  default = "x"\n}\n',
            },
            "x",
        ),
        ({".hidden.tf": 'variable "on" {\n  default = "hidden"\n}\n'}, "default"),
    ],
)
def test_where_a_root_variable_comes_from(files: dict[str, str], expected: str, tmp_path: Path) -> None:
    assert only(hcl_of(tmp_path, {"main.tf": ROOT, **files}), "aws_a").get("c") == Known(expected)


def test_tfvars_beside_a_called_module_do_not_count(tmp_path: Path) -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": ROOT, "m/terraform.tfvars": 'on = "no"'}
    assert only(hcl_of(tmp_path, files), "aws_a").get("c") == Known("default")
