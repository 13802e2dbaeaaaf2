"""Roots that try to look safe through what Terraform does not read so, and safe ones beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.rule import Rule, Verdict
from tests.policies.engine.worlds import TABLE, hcl, hcl_of, verdicts

GUARDRAIL = 'resource "aws_bedrock_guardrail" "g" {\n  name = "g"\n}\n'
VERSION = 'resource "aws_bedrock_guardrail_version" "v" {\n  guardrail_arn = aws_bedrock_guardrail.g.guardrail_arn\n}\n'

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
