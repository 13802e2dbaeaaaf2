"""Values of HCL: known only where Terraform would certainly come to the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aic_engine.checkov_graph import HclParser, root_scope
from aic_engine.hcl_evaluate import Env, evaluate
from aic_engine.hcl_parser import HclSyntaxError, parse_body, parse_expression
from aic_engine.values import ABSENT, GAP, Known, Unknown, Value
from companion_gate.fixtures import PlanFolder
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
  objects       = [{ a = 1 }, { a = 2 }]
  round         = local.about
  about         = local.round
}
"""
ROUND = "  round         = local.about\n  about         = local.round\n"


def value_of(folder: Path, expression: str) -> Value:
    return only(hcl(folder, WORLD, f'resource "aws_a" "b" {{\n  c = {expression}\n}}'), "aws_a").get("c")


KNOWN = (
    '"text"',
    "12",
    "-1",
    "1.5e3",
    "true",
    '"${true}"',
    "[1, var.plain]",
    "var.plain",
    '"${var.plain}"',
    '"a-${var.plain}"',
    '"$${var.plain}"',
    '"say \\"hi\\" \\u00e9\\n"',
    "var.flag",
    "var.amount",
    "var.object",
    "var.object.a",
    "var.object.b",
    "local.object.deep.leaf",
    "local.object.list[1]",
    'local.object["deep"].leaf',
    "local.object[var.name].leaf",
    "local.object.list[*]",
    "local.objects[*].a",
    "local.objects.*.a",
    'toset(["b", "a"])',
    "!true",
    "!(true && false)",
    "!true && false",
    "true || false && false",
    "1 > 2 ? 1 : 0",
    "1 + 2 * 3 - 4 / 2 % 3",
    "(1 + 2) * 3",
    "-(2 - 5)",
    "7 / 2",
    "upper(var.plain)",
    'coalesce("", "a")',
    "[for x in local.object.list : upper(x)]",
    '[for at, x in local.object.list : at if x != "a"]',
    "{ for x in local.object.list : x => { y = x } }",
    '{ for x in ["a", "b", "ab"] : substr(x, 0, 1) => x... }',
    "{ (var.plain) = 1 }",
    '{ "${var.plain}" = 1, "q" : 2 }',
    "merge({ a = 1, b = 1 }, { b = 2 })",
    "concat([1], [2, 3])",
    "concat([[1], [2, 3]]...)",
    "flatten([[1, [2]], [3]])",
    "distinct([1, 2, 1])",
    'compact(["a", "", "b"])',
    "length(local.object.list)",
    'contains(local.object.list, "a")',
    'join("-", local.object.list)',
    'split(",", "a,b")',
    'format("%s-%d%%", "a", 3)',
    'jsonencode({ b = 1, a = [true, null], c = "<é>" })',
    'sort(["b", "a"])',
    'jsondecode("{\\"a\\": [1]}")',
    'replace("a-b", "-", "_")',
    'lookup({ a = 1 }, "b", 2)',
    "keys({ b = 1, a = 2 })",
    "values({ b = 1, a = 2 })",
    "max(1, 3, 2)",
    "min(4, var.amount)",
    "ceil(1.2)",
    'try(local.object.deep.leaf, "z")',
    "can(local.object.deep.leaf)",
    'trimprefix("abc", "a")',
    'startswith("abc", "ab")',
    "sum([1, 2])",
    "slice([1, 2, 3], 1, 3)",
    'zipmap(["a", "b"], [1, 2])',
    "one([5])",
    "range(3)",
    "tostring(5)",
    'tonumber("5")',
    'setunion(["a"], ["b"])',
    'setproduct(["a", "b"], ["c"])',
    "element([1, 2], 3)",
    "<<-EOT\n    one ${var.plain}\n      two\n  EOT\n",
    "<<EOT\n  \\n stays\nEOT\n",
    "<<EOT\n${var.plain}\nEOT\n",
    "var.nothing == null",
    "var.plain != null",
    '1 == "1"',
)


def test_what_is_known_is_what_terraform_says(tmp_path: Path, plan: PlanFolder) -> None:
    """One plan whose outputs are the expressions, held against our values."""
    folder = tmp_path / "root"
    folder.mkdir()
    outputs = "".join(f'output "o{at}" {{\n  value = {text}\n}}\n' for at, text in enumerate(KNOWN))
    world = WORLD.replace('variable "required" {}\n', "").replace(ROUND, "")
    more = 'variable "name" {\n  default = "deep"\n}\nresource "terraform_data" "x" {}\n'
    (folder / "main.tf").write_text(f"{world}{more}{outputs}", encoding="utf-8")
    planned = plan(folder)
    ours = root_scope(folder, {}, HclParser())
    for at, text in enumerate(KNOWN):
        value = evaluate(parse_expression(text), Env(ours))
        assert (text, value) == (text, planned.output(f"o{at}"))


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
        "var.object.c",
        "local.object.list[7]",
        "local.object[var.required]",
        "var.required ? 1 : 2",
        "!var.required",
        "var.required && true",
        "var.required == var.required",
        '"${var.required}"',
        '"%{if true}a%{endif}"',
        "timestamp()",
        'file("x")',
        "sha256(var.plain)",
        "provider::x::y(1)",
        "coalesce(var.required, 1)",
        "concat([1], var.required)",
        "[for x in var.required : x]",
        "[for x in local.object.list : x if var.required]",
        "{ (var.required) = 1 }",
        "each.value",
        "count.index",
        "data.aws_x.y.z",
        "aws_x.y.z",
        "module.missing.z",
        "terraform.workspace",
        'try(var.object.c, "fallback")',
        "1 / 0",
        "lookup({}, var.required, 1)",
    ],
)
def test_unknown(expression: str, tmp_path: Path) -> None:
    assert isinstance(value_of(tmp_path, expression), Unknown)


@pytest.mark.parametrize(
    ("expression", "decided"),
    [
        ("var.required || true", True),
        ("var.required && false", False),
        ("var.required ? 1 : 1", 1),
        ('contains(["a", var.required], "a")', True),
    ],
)
def test_what_no_unknown_can_change_is_known(expression: str, decided: object, tmp_path: Path) -> None:
    assert value_of(tmp_path, expression) == Known(decided)


def test_data_and_texts_with_unknown_parts_keep_what_is_known(tmp_path: Path) -> None:
    encoded = value_of(tmp_path, 'jsonencode({ a = [{ b = aws_x.y.arn, c = "d" }] })')
    assert isinstance(encoded, Unknown)
    assert encoded.document["a"][0]["c"] == "d"
    assert isinstance(encoded.document["a"][0]["b"], Unknown)
    text = value_of(tmp_path, '"${aws_x.y.arn}/*"')
    assert isinstance(text, Unknown)
    assert text.text == f"{GAP}/*"


@pytest.mark.parametrize(
    "expression",
    ["a b", "[1", "{ a = 1", '"open', "1 +", "(1", "f(1", "a.", "a ? 1", '"${a"', "<<EOT\nopen\n"],
)
def test_bad_hcl_is_refused_with_its_line(expression: str) -> None:
    with pytest.raises(HclSyntaxError, match=r"^line \d+: \w+"):
        parse_body(f"a = {expression}\n")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("a = 1 b = 2\n", "line 1: expected the end of the line, found 'b'"),
        ("a = 1\na = 2\n", "line 2: a is set twice"),
        ("a {\n\n", "line 3: a block is not closed"),
        ("a b = 1\n", "line 1: expected '=' or '{'"),
        ("= 1\n", "line 1: expected an argument or a block"),
    ],
)
def test_bad_bodies_are_refused_with_their_line(body: str, complaint: str) -> None:
    with pytest.raises(HclSyntaxError, match=re.escape(complaint)):
        parse_body(body)


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
