"""Blocks, instances and modules of HCL."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Rule, RuleError, Verdict
from aic_engine.values import ABSENT, Known, Unknown
from tests.policies.engine.worlds import TABLE, hcl, hcl_of, only, verdicts

GUARDRAIL = 'resource "aws_bedrock_guardrail" "g" {\n  name = "g"\n}\n'


def test_nested_blocks_and_lists(tmp_path: Path) -> None:
    graph = hcl(
        tmp_path,
        'resource "aws_a" "b" {\n  one {\n    two {\n      c = 1\n    }\n',
        '    two {\n      c = 2\n    }\n  }\n  d = ["x"]\n}',
    )
    resource = only(graph, "aws_a")
    assert resource.get("one[0].two[1].c") == Known(2)
    assert resource.get("one[0].two[2].c") == ABSENT
    assert resource.get("one[1].two[0].c") == ABSENT
    assert resource.get("d[0]") == Known("x")
    assert (resource.blocks("one"), resource.blocks("three")) == (1, 0)


def test_dynamic_blocks_stand_beside_written_ones(tmp_path: Path) -> None:
    dynamic = '  dynamic "one" {\n    for_each = ["x", "y"]\n    content {\n      c = one.value\n    }\n  }\n'
    graph = hcl(tmp_path, f'resource "aws_a" "b" {{\n{dynamic}  one {{\n    c = 1\n  }}\n}}')
    resource = only(graph, "aws_a")
    assert [resource.get(f"one[{at}].c") for at in range(4)] == [Known(1), Known("x"), Known("y"), ABSENT]
    assert resource.blocks("one") == 3
    assert not resource.is_constant("one[1].c")


def test_dynamic_blocks_over_what_is_not_known_are_unknown(tmp_path: Path) -> None:
    dynamic = '  dynamic "one" {\n    for_each = aws_x.y.list\n    content {\n      c = one.value.z\n    }\n  }\n'
    graph = hcl(tmp_path, f'resource "aws_a" "b" {{\n{dynamic}  one {{\n    c = 1\n  }}\n}}')
    resource = only(graph, "aws_a")
    assert isinstance(resource.get("one[0].c"), Unknown)
    assert isinstance(resource.blocks("one"), Unknown)
    assert resource.expression("one[0].c") is None
    assert not resource.is_constant("one[0].c")


def test_dynamic_blocks_may_name_their_iterator_and_stand_in_each_other(tmp_path: Path) -> None:
    text = """
resource "aws_a" "b" {
  dynamic "one" {
    for_each = { k = ["p", "q"] }
    iterator = outer
    content {
      name = outer.key
      dynamic "two" {
        for_each = outer.value
        content {
          c = "${outer.key}-${two.value}"
          d = aws_x.y.z
        }
      }
    }
  }
}
"""
    resource = only(hcl(tmp_path, text), "aws_a")
    assert resource.get("one[0].name") == Known("k")
    assert resource.get("one[0].two[1].c") == Known("k-q")
    assert resource.blocks("one[0].two") == 2
    assert resource.expression("one[0].two[0].d") == ("aws_x.y.z",)


def test_what_all_instances_have_alike_is_known(tmp_path: Path) -> None:
    text = 'resource "aws_a" "b" {\n  for_each = { p = 1, q = 1 }\n  c = each.value\n  d = each.key\n}'
    resource = only(hcl(tmp_path, text), "aws_a")
    assert resource.get("c") == Known(1)
    assert isinstance(resource.get("d"), Unknown)


@pytest.mark.parametrize(
    ("repetition", "expected"),
    [
        ("count = 0", False),
        ('count = "0"', False),
        ("count = 2", True),
        ("count = var.zero", False),
        ("count = var.zero_text", False),
        ("count = 1 > 2 ? 1 : 0", False),
        ("for_each = {}", False),
        ("for_each = toset([])", False),
        ('for_each = toset(["a"])', True),
        ("for_each = { a = var.required }", True),
    ],
)
def test_whether_a_block_has_instances(repetition: str, expected: bool, tmp_path: Path) -> None:
    variables = (
        'variable "zero" {\n  default = 0\n}\nvariable "zero_text" {\n  default = "0"\n}\nvariable "required" {}\n'
    )
    graph = hcl(tmp_path, variables, f'resource "aws_a" "b" {{\n  {repetition}\n}}')
    assert only(graph, "aws_a").exists is expected


def test_a_block_without_instances_is_not_judged(rules: tuple[Rule, ...], tmp_path: Path) -> None:
    graph = hcl(tmp_path, TABLE.format("false").replace("{\n", "{\n  count = 0\n", 1))
    assert set(verdicts(rules, "CKV_AIC_MEM_002", graph).values()) == {Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize(
    "repetition", ["count = var.n", "count = var.n ? 1 : 0", "for_each = var.n", "for_each = file()"]
)
def test_instances_that_cannot_be_told(repetition: str, tmp_path: Path) -> None:
    graph = hcl(tmp_path, f'variable "n" {{}}\nresource "aws_a" "b" {{\n  {repetition}\n}}')
    assert isinstance(only(graph, "aws_a").exists, Unknown)


@pytest.mark.parametrize(("outer", "inner", "expected"), [("0", "1", False), ("1", "0", False), ("1", "1", True)])
def test_a_block_in_a_repeated_module_exists_only_where_both_do(
    outer: str, inner: str, expected: bool, tmp_path: Path
) -> None:
    call = f'module "m" {{\n  source = "./m"\n  count  = {outer}\n}}\n'
    graph = hcl(tmp_path, call, m__main_tf=f'resource "aws_a" "b" {{\n  count = {inner}\n}}\n')
    assert only(graph, "aws_a").exists is expected


def test_module_called_twice_keeps_its_callers_apart(tmp_path: Path) -> None:
    calls = "".join(f'module "{name}" {{\n  source = "./outer"\n  on     = {on}\n}}\n' for name, on in CALLS.items())
    graph = hcl(
        tmp_path,
        calls,
        outer__main_tf='variable "on" {}\nmodule "inner" {\n  source = "../inner"\n  on = var.on\n}\n',
        inner__main_tf='variable "on" {}\nresource "aws_a" "b" {\n  c = var.on\n}\n',
    )
    assert {each.address: each.get("c") for each in graph.resources} == {
        "module.x.module.inner.aws_a.b": Known(True),
        "module.y.module.inner.aws_a.b": Known(False),
    }


CALLS = {"x": "true", "y": "false"}


def test_modules_that_call_each_other_are_refused(tmp_path: Path) -> None:
    call = 'module "m" {{\n  source = "{}"\n}}\n'
    with pytest.raises(RuleError, match="call each other in a circle"):
        hcl(tmp_path, call.format("./a"), a__main_tf=call.format("../b"), b__main_tf=call.format("../a"))


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("more.tf.json", "{}", "more.tf.json is JSON configuration"),
        ("override.tf.json", "{}", "override.tf.json is JSON configuration"),
        ("terraform.tfvars.json", "[1]", "holds no JSON object"),
        ("x.auto.tfvars.json", "{", "cannot be read as JSON"),
        ("broken.tf", "resource {", "broken.tf cannot be read as HCL"),
        ("terraform.tfvars", "on =", "terraform.tfvars cannot be read as HCL"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=complaint):
        hcl_of(tmp_path, {"main.tf": GUARDRAIL, name: text})
