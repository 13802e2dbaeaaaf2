"""Terraform that cannot be read, planned, trusted or decided: red, with a sentence that says where and what to do."""

from __future__ import annotations

import pytest

from tests.companion_gate.gate.running import PROVIDER, GateResult, run_gate, table, write_tree

CHILD = 'variable "name" {\n  type = string\n}\n' + table()

RUNS_CODE = """
data "external" "answer" {
  program = ["touch", "ran"]
}

resource "terraform_data" "step" {
  provisioner "local-exec" {
    command = "touch ran"
  }
}

module "vpc" {
  source = "terraform-aws-modules/vpc/aws"
}

resource "random_id" "suffix" {
  byte_length = 2
}
"""

EXTERNAL_DATA = '}\n\ndata "external" "answer" {\n  program = ["touch", "ran"]\n'

# HCL cannot evaluate regexall, and the plan makes no instance of the table.
UNDECIDED = (
    'variable "extra" {\n  type    = string\n  default = ""\n}\n'
    + table()
    + table(
        "extra",
        first='  count = length(regexall("yes", var.extra))',
        ttl='length(regexall("yes", var.extra)) > 0',
    )
)

README = """# example

```hcl
module "it" {
  source = "./modules/%s"

  name = "companion"
%s}
```
"""

# Only the stacks whose name begins with "planned" are planned: a plan takes seconds.
STACKS = {
    "modules/child/main.tf": CHILD,
    "s/unparsable/main.tf": table() + 'resource "aws_sqs_queue" "turns" {\n  name =\n}\n',
    "s/json/main.tf": table(),
    "s/json/more.tf.json": "{}",
    "s/no-module/main.tf": table() + 'module "child" {\n  source = "./child"\n}\n',
    "s/no-input/main.tf": CHILD,
    "s/not-text/main.tf": CHILD,
    "s/skips/main.tf": table(first="  # checkov:skip=CKV_AIC_MEM_001:we like memories"),
    "s/settings/main.tf": table(),
    "s/settings/.checkov.yaml": "soft-fail: true\n",
    "s/simpler/main.tf": table() + "locals {\n  thousand = 1e3\n}\n",
    "s/planned-unsafe/main.tf": table() + RUNS_CODE,
    "s/planned-unsafe-example/main.tf": CHILD,
    "s/planned-unsafe-example/README.md": README % ("planned-unsafe-example", EXTERNAL_DATA),
    "s/planned-argument/main.tf": PROVIDER + 'module "child" {\n  source = "../../modules/child"\n  nam    = "x"\n}\n',
    "s/planned-example/main.tf": CHILD,
    "s/planned-example/README.md": README % ("planned-example", '  nam  = "x"\n'),
    "s/planned-source/main.tf": CHILD,
    "s/planned-source/README.md": (README % ("planned-source", "")).replace("./modules", "../modules"),
    "s/planned-refused/main.tf": PROVIDER + table(key="Q"),
    "s/planned-empty/main.tf": PROVIDER,
    "s/planned-undecided/main.tf": PROVIDER + UNDECIDED,
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> GateResult:
    folder = write_tree(tmp_path_factory.mktemp("stacks"), STACKS)
    (folder / "s/not-text/terraform.tfvars").write_bytes(b'name = "\xff"\n')
    asked = "parses or safe-to-plan or scan-complete or no-input or not-text or planned and (plans or decided)"
    result = run_gate(folder, "--stack", "s", "-k", asked)
    assert result.code == 1, result.output
    assert "GATE FAILED" in result.output
    assert not list(folder.rglob("ran"))
    return result


@pytest.mark.parametrize(
    ("item", "sentences"),
    [
        ("unparsable::parses", ["s/unparsable/main.tf:23: cannot be read as HCL"]),
        ("json::parses", ["more.tf.json:1: JSON configuration is not read by the gate; write it as a .tf file"]),
        ("no-module::parses", ['main.tf:22: module "child" names ./child, which is no folder; correct its source']),
        (
            "no-input::plan",
            [
                "s/no-input: nothing gives var.name a value, so it cannot be planned; set it in terraform.tfvars, or "
                "add an ```hcl example to s/no-input/README.md that calls the module"
            ],
        ),
        ("not-text::plan", ["s/not-text/terraform.tfvars:1: is not UTF-8 text; save it as UTF-8"]),
        (
            "skips::hcl::scan-complete",
            [
                "s/skips/main.tf:2: a comment skips CKV_AIC_MEM_001 for aws_dynamodb_table.memory; remove it",
            ],
        ),
        (
            "settings::safe-to-plan",
            ["s/settings/.checkov.yaml: Checkov would take settings from this file, which can switch policies off"],
        ),
        ("simpler::hcl::scan-complete", ["s/simpler/main.tf: cannot be parsed by Checkov", "write it in simpler HCL"]),
        (
            "planned-unsafe::safe-to-plan",
            [
                "main.tf:23: data.external.answer runs a program of its choice; pass its result in as a variable",
                'main.tf:28: terraform_data.step has a "local-exec" provisioner, which runs commands',
                'main.tf:33: module "vpc" is not local ("terraform-aws-modules/vpc/aws"); vendor it',
                "main.tf:37: random_id.suffix needs provider registry.terraform.io/hashicorp/random",
            ],
        ),
        ("planned-unsafe::plan::plans", ["Terraform was not started", "s/planned-unsafe/main.tf:23: data.external"]),
        (
            "planned-unsafe-example::plan[example]::plans",
            ["Terraform was not started", "s/planned-unsafe-example/README.md:10: data.external.answer"],
        ),
        (
            "planned-argument::plan::plans",
            ['s/planned-argument/main.tf:6: Unsupported argument: An argument named "nam"', "remove the argument"],
        ),
        ("planned-example::plan[example]::plans", ["s/planned-example/README.md:8: Unsupported argument"]),
        (
            "planned-source::plan[example]::plans",
            ['s/planned-source/README.md:4: source = "../modules/planned-source" cannot be tried; write it as "./'],
        ),
        (
            "planned-refused::plan::plans",
            ["s/planned-refused/main.tf:5: aws_dynamodb_table.memory: expected type to be one of"],
        ),
        ("planned-empty::plan::plans", ["s/planned-empty holds no resource; nothing would be checked"]),
        (
            "planned-undecided::decided",
            [
                "neither the HCL nor a plan decides this; add an example that creates the resource",
                "aws_dynamodb_table.extra.ttl[0].enabled",
                "expected: true",
                'main.tf:43: enabled        = length(regexall("yes", var.extra)) > 0',
            ],
        ),
    ],
)
def test_bad_stack_is_red_and_says_why(result: GateResult, item: str, sentences: list[str]) -> None:
    assert result.verdicts[f"s/{item}"] == "FAILED"
    reason = result.reason(f"s/{item}")
    for sentence in sentences:
        assert sentence in reason


def test_one_bad_stack_does_not_taint_the_others(result: GateResult) -> None:
    assert result.verdicts["s/settings::hcl::scan-complete"] == "PASSED"
    assert result.verdicts["s/planned-undecided::plan::plans"] == "PASSED"


def test_what_needs_the_missing_plan_is_not_decided(result: GateResult) -> None:
    assert result.verdicts["s/planned-refused::decided"] == "NOT DECIDED"
    assert " not decided: there is no plan; s/planned-refused::plan::plans says why\n" in result.output
