"""Blocks, instances and modules of HCL, and roots that try to look safe through what Terraform does not read so."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Rule, RuleError, Verdict
from aic_engine.values import ABSENT, Known, Unknown
from tests.policies.engine.worlds import TABLE, hcl, hcl_of, only, verdicts

GUARDRAIL = 'resource "aws_bedrock_guardrail" "g" {\n  name = "g"\n}\n'
VERSION = 'resource "aws_bedrock_guardrail_version" "v" {\n  guardrail_arn = aws_bedrock_guardrail.g.guardrail_arn\n}\n'


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


def test_dynamic_blocks_are_unknown_also_beside_written_ones(tmp_path: Path) -> None:
    dynamic = '  dynamic "one" {\n    for_each = []\n    content {\n      c = 1\n    }\n  }\n'
    graph = hcl(tmp_path, f'resource "aws_a" "b" {{\n{dynamic}  one {{\n    c = 1\n  }}\n}}')
    resource = only(graph, "aws_a")
    assert isinstance(resource.get("one[0].c"), Unknown)
    assert isinstance(resource.blocks("one"), Unknown)
    assert resource.expression("one[0].c") is None
    assert not resource.is_constant("one[0].c")


@pytest.mark.parametrize(
    ("repetition", "expected"),
    [
        ("count = 0", False),
        ('count = "0"', False),
        ("count = 2", True),
        ("count = var.zero", False),
        ("count = var.zero_text", False),
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
    "repetition", ["count = var.n", "count = 1 > 2 ? 1 : 0", "for_each = var.n", "for_each = merge()"]
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


UNSAFE = {
    "the version lies in a hidden file": {"main.tf": GUARDRAIL, ".pin.tf": VERSION},
    "the version lies in a backup file": {"main.tf": GUARDRAIL, "pin.tf~": VERSION},
    "the version lies in a folder that nothing calls": {"main.tf": GUARDRAIL, "pin/main.tf": VERSION},
    "the version is commented out": {"main.tf": f"{GUARDRAIL}/*\n{VERSION}*/\n"},
    "the version is of another guardrail": {
        "main.tf": GUARDRAIL + GUARDRAIL.replace('"g"', '"h"') + VERSION.replace("guardrail.g", "guardrail.h")
    },
    "the version's guardrail is only text": {
        "main.tf": GUARDRAIL + VERSION.replace("= aws_bedrock_guardrail.g.guardrail_arn", '= "aws_bedrock_guardrail.g"')
    },
    "the version's guardrail is only escaped text": {
        "main.tf": GUARDRAIL + VERSION.replace("= aws", '= "$${aws').replace("_arn\n", '_arn}"\n')
    },
    "the version takes the guardrail's name": {"main.tf": GUARDRAIL + VERSION.replace("g.guardrail_arn", "g.name")},
    "an override gives the version another guardrail": {
        "main.tf": GUARDRAIL + VERSION,
        "override.tf": VERSION.replace("aws_bedrock_guardrail.g.guardrail_arn", '"arn:aws:bedrock:x"'),
    },
    "the version is in a module that is switched off": {
        "main.tf": GUARDRAIL
        + 'module "pin" {\n  source = "./pin"\n  count  = 0\n  arn    = aws_bedrock_guardrail.g.guardrail_arn\n}\n',
        "pin/main.tf": 'variable "arn" {}\n' + VERSION.replace("aws_bedrock_guardrail.g.guardrail_arn", "var.arn"),
    },
    "the module ignores the guardrail it is given": {
        "main.tf": GUARDRAIL
        + 'module "pin" {\n  source = "./pin"\n  arn    = aws_bedrock_guardrail.g.guardrail_arn\n}\n',
        "pin/main.tf": 'variable "arn" {}\n' + VERSION.replace("aws_bedrock_guardrail.g.guardrail_arn", '"arn:x"'),
    },
    "only one of two instances has a version": {
        "main.tf": GUARDRAIL.replace('  name = "g"', '  for_each = toset(["a", "b"])\n  name = each.key')
        + VERSION.replace("guardrail.g.", 'guardrail.g["a"].'),
    },
    "both versions are of the first instance": {
        "main.tf": GUARDRAIL.replace('  name = "g"', '  for_each = toset(["a", "b"])\n  name = each.key')
        + VERSION.replace("guardrail.g.", 'guardrail.g["a"].').replace("{\n", '{\n  for_each = toset(["a", "b"])\n'),
    },
    "each instance of the module shares one version": {
        "main.tf": 'module "m" {\n  source   = "./m"\n  for_each = toset(["a", "b"])\n}\n'
        + VERSION.replace("aws_bedrock_guardrail.g.guardrail_arn", 'module.m["a"].arn'),
        "m/main.tf": GUARDRAIL + 'output "arn" {\n  value = aws_bedrock_guardrail.g.guardrail_arn\n}\n',
    },
}


@pytest.mark.parametrize("case", UNSAFE)
def test_guardrail_that_only_looks_pinned_never_passes(case: str, rules: tuple[Rule, ...], tmp_path: Path) -> None:
    found = verdicts(rules, "CKV_AIC_SAFE_001", hcl_of(tmp_path, UNSAFE[case]))
    guardrail = next(verdict for address, verdict in found.items() if address.endswith(".g"))
    assert guardrail in (Verdict.FAIL, Verdict.UNKNOWN)


SAFE = {
    "beside it": {"main.tf": GUARDRAIL + VERSION},
    "in another file": {"main.tf": GUARDRAIL, "pin.tf": VERSION},
    "in the same repeated module": {
        "main.tf": 'module "m" {\n  source   = "./m"\n  for_each = toset(["a", "b"])\n}\n',
        "m/main.tf": GUARDRAIL + VERSION,
    },
    "in a module inside the repeated module": {
        "main.tf": 'module "m" {\n  source   = "./m"\n  for_each = toset(["a", "b"])\n}\n',
        "m/main.tf": GUARDRAIL
        + 'module "pin" {\n  source = "./pin"\n  arn    = aws_bedrock_guardrail.g.guardrail_arn\n}\n',
        "m/pin/main.tf": 'variable "arn" {}\n' + VERSION.replace("aws_bedrock_guardrail.g.guardrail_arn", "var.arn"),
    },
    "by count.index": {
        "main.tf": GUARDRAIL.replace('  name = "g"', "  count = 2")
        + VERSION.replace("guardrail.g.", "guardrail.g[count.index].").replace("{\n", "{\n  count = 2\n"),
    },
}


@pytest.mark.parametrize("case", SAFE)
def test_guardrail_that_is_pinned_passes(case: str, rules: tuple[Rule, ...], tmp_path: Path) -> None:
    found = verdicts(rules, "CKV_AIC_SAFE_001", hcl_of(tmp_path, SAFE[case]))
    assert set(found.values()) == {Verdict.PASS}


POLICY = """resource "aws_bedrock_guardrail" "g" {
  for_each = toset(["a", "b"])
  name     = each.key
  word_policy_config {
    words_config {
      text = "forbidden"
    }
  }
}
"""
FOLLOWING = """resource "aws_bedrock_guardrail_version" "v" {{
  for_each      = aws_bedrock_guardrail.g
  guardrail_arn = each.value.guardrail_arn
  description   = {}
}}
"""
CALLED = """module "m" {{
  for_each = aws_bedrock_guardrail.g
  source   = "./m"
  arn      = each.value.guardrail_arn
  text     = {}
}}
"""
CALLEE = """variable "arn" {}
variable "text" {}
resource "aws_bedrock_guardrail_version" "v" {
  guardrail_arn = var.arn
  description   = var.text
}
"""


@pytest.mark.parametrize(
    ("description", "passes"),
    [
        ("sha256(jsonencode(each.value))", True),
        ("sha256(jsonencode(each.value.word_policy_config))", True),
        ("each.value.name", False),
        ("each.value.guardrail_arn", False),
        ("each.key", False),
        ('"for aws_bedrock_guardrail.g"', False),
    ],
)
@pytest.mark.parametrize("through_module", [False, True])
def test_version_follows_only_what_moves_with_the_policy(
    description: str, passes: bool, through_module: bool, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    text = (CALLED if through_module else FOLLOWING).format(description)
    graph = hcl(tmp_path, POLICY, text, m__main_tf=CALLEE)
    (verdict,) = verdicts(rules, "CKV_AIC_SAFE_002", graph).values()
    assert (verdict is Verdict.PASS) is passes


NOT_RESTORABLE = {
    "a module call overrides the default": {
        "main.tf": 'module "m" {\n  source = "./m"\n  on     = false\n}\n',
        "m/main.tf": 'variable "on" {\n  default = true\n}\n' + TABLE.format("var.on"),
    },
    "terraform.tfvars.json overrides the default": {
        "main.tf": 'variable "on" {\n  default = true\n}\n' + TABLE.format("var.on"),
        "terraform.tfvars.json": '{"on": false}',
    },
    "a later auto.tfvars wins": {
        "main.tf": 'variable "on" {\n  default = true\n}\n' + TABLE.format("var.on"),
        "a.auto.tfvars": "on = true",
        "b.auto.tfvars": "on = false",
    },
    "an override file changes the block": {"main.tf": TABLE.format("true"), "override.tf": TABLE.format("false")},
    "an override file changes the default": {
        "a_override.tf": 'variable "on" {\n  default = false\n}\n',
        "main.tf": 'variable "on" {\n  default = true\n}\n' + TABLE.format("var.on"),
    },
    "an override file changes the module call": {
        "main.tf": 'module "m" {\n  source = "./m"\n  on     = true\n}\n',
        "main_override.tf": 'module "m" {\n  on = false\n}\n',
        "m/main.tf": 'variable "on" {}\n' + TABLE.format("var.on"),
    },
    "null stands for the default": {
        "main.tf": 'module "m" {\n  source = "./m"\n  on     = null\n}\n',
        "m/main.tf": 'variable "on" {\n  default  = false\n  nullable = false\n}\n' + TABLE.format("var.on"),
    },
    "it is text": {"main.tf": TABLE.format('"false"')},
    "it is null": {"main.tf": TABLE.format("null")},
    "it depends on the workspace": {"main.tf": TABLE.format('terraform.workspace == "prod"')},
    "another table has it": {
        "main.tf": TABLE.format("false") + TABLE.format("true").replace('"t"', '"u"'),
    },
}


@pytest.mark.parametrize("case", NOT_RESTORABLE)
def test_table_that_only_looks_restorable_never_passes(case: str, rules: tuple[Rule, ...], tmp_path: Path) -> None:
    found = verdicts(rules, "CKV_AIC_MEM_002", hcl_of(tmp_path, NOT_RESTORABLE[case]))
    table = next(verdict for address, verdict in found.items() if address.endswith(".t"))
    assert table in (Verdict.FAIL, Verdict.UNKNOWN)


@pytest.mark.parametrize(
    "options",
    [
        "",
        "  domain_endpoint_options {\n    enforce_https = false\n  }\n",
        "  domain_endpoint_options {\n    enforce_https = var.options.https\n  }\n",
        '  dynamic "domain_endpoint_options" {\n    for_each = []\n    content {}\n  }\n',
    ],
)
def test_https_never_passes_by_a_default_that_may_not_hold(
    options: str, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    variable = (
        'variable "options" {\n  type = object({ https = optional(bool, false) })\n  default = { https = null }\n}\n'
    )
    graph = hcl(tmp_path, variable, f'resource "aws_opensearch_domain" "d" {{\n{options}}}')
    assert set(verdicts(rules, "CKV_AIC_VEC_001", graph).values()) <= {Verdict.FAIL, Verdict.UNKNOWN}
