from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from companion_gate.terraform.plan import TerraformFailed, TerraformSession, make_plan, refusals
from companion_gate.terraform.workspace import mirror

from .conftest import WriteTree

ORDINARY = """
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.100, < 7.0"
      configuration_aliases = [aws.edge]
    }
  }
}
provider "aws" {
  region = "eu-central-1"
}
provider "aws" {
  alias  = "edge"
  region = "us-east-1"
}
resource "aws_sqs_queue" "turns" {
  name = "turns"
}
resource "aws_sqs_queue" "edge" {
  provider = aws.edge
  name     = "edge"
}
"""
CASES = """
variable "size" {
  type = number
  validation {
    condition     = var.size > 0
    error_message = "size must be positive."
  }
}
"""


def failure(session: TerraformSession, root: Path, **variables: object) -> TerraformFailed:
    with pytest.raises(TerraformFailed) as caught:
        make_plan(mirror(root, session.new_folder()), session, variables)
    return caught.value


def test_plans_an_ordinary_root_without_any_aws(session: TerraformSession, tree: WriteTree) -> None:
    root = tree({"main.tf": ORDINARY})
    run = make_plan(mirror(root, session.new_folder()), session)
    assert [change["address"] for change in run.json["resource_changes"]] == [
        "aws_sqs_queue.edge",
        "aws_sqs_queue.turns",
    ]
    assert run.terraform_version == session.binary.version
    assert re.fullmatch(r"[56]\.\d+\.\d+", run.provider_versions["registry.terraform.io/hashicorp/aws"])
    assert run.provider_source in {config.description for config in session.cli_configs}
    assert run.seconds_init > 0
    assert run.seconds_plan > 0
    assert [path.name for path in root.iterdir() if path.is_file()] == ["main.tf"]


def test_a_module_without_provider_block_plans_and_secrets_stay_out_of_its_refusals(
    session: TerraformSession, tree: WriteTree
) -> None:
    text = """
    variable "mode" {
      type      = string
      sensitive = true
    }
    resource "aws_dynamodb_table" "memory" {
      name         = "memory"
      billing_mode = nonsensitive(var.mode)
      hash_key     = "user_id"
      attribute {
        name = "user_id"
        type = "S"
      }
    }
    """
    root = tree({"main.tf": text})
    (refusal,) = refusals(mirror(root, session.new_folder()), session, {"mode": "hunter2-secret"})
    assert refusal.file == root / "main.tf"
    assert "billing_mode" in refusal.summary
    assert "(sensitive value)" in refusal.summary
    assert "hunter2-secret" not in repr(refusal)


@pytest.mark.parametrize(
    ("files", "line", "message"),
    [
        (
            {"main.tf": 'module "m" {\n  source = "./m"\n  nme    = 1\n}\n', "m/main.tf": ""},
            3,
            'Unsupported argument: An argument named "nme" is not expected here; remove the argument, or declare it',
        ),
        (
            {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": 'variable "name" {}\n'},
            1,
            'Missing required argument: The argument "name" is required, but no definition was found; add the argument',
        ),
        (
            {"main.tf": 'variable "name" {\n  type = string\n}\n'},
            1,
            'No value for required variable: The root module input variable "name" is not set',
        ),
        (
            {"main.tf": 'output "x" {\n  value = var.nme\n}\n'},
            2,
            "Reference to undeclared input variable",
        ),
        (
            {"main.tf": 'variable "x" {\n  type = strng\n}\n'},
            2,
            "Invalid type specification",
        ),
        (
            {
                "main.tf": 'resource "terraform_data" "x" {\n  lifecycle {\n    precondition {\n'
                '      condition     = var.low > 2\n      error_message = "One is less."\n    }\n  }\n}\n'
                'variable "low" {\n  default = 1\n}\n'
            },
            4,
            "Resource precondition failed: One is less",
        ),
    ],
    ids=["unknown-argument", "missing-argument", "no-value", "undeclared", "bad-type", "precondition"],
)
def test_a_failure_names_the_users_file_line_cause_and_cure(
    session: TerraformSession, tree: WriteTree, files: dict[str, str], line: int, message: str
) -> None:
    root = tree(files)
    failed = failure(session, root)
    (diagnostic,) = failed.diagnostics
    assert (diagnostic.file, diagnostic.line, diagnostic.severity) == (root / "main.tf", line, "error")
    assert message in str(failed)
    assert f"main.tf:{line}: " in str(failed)
    assert str(session.folder) not in str(failed)
    assert "\n" not in str(failed)


def test_a_failure_in_a_called_module_names_the_modules_file(session: TerraformSession, tree: WriteTree) -> None:
    root = tree({"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": 'output "x" {\n  value = local.y\n}\n'})
    (diagnostic,) = failure(session, root).diagnostics
    assert (diagnostic.file, diagnostic.line) == (root / "m/main.tf", 2)


def test_every_error_is_told(session: TerraformSession, tree: WriteTree) -> None:
    root = tree({"main.tf": 'output "x" {\n  value = local.y\n}\noutput "z" {\n  value = local.q\n}\n'})
    failed = failure(session, root)
    assert sorted(item.line or 0 for item in failed.diagnostics) == [2, 5]
    assert str(failed).count("main.tf:") == 2


def test_warnings_are_told_apart_from_errors(session: TerraformSession, tree: WriteTree) -> None:
    root = tree({"main.tf": 'output "x" {\n  value = 1\n}\n', "terraform.tfvars": "unused = 1\n"})
    run = make_plan(mirror(root, session.new_folder()), session)
    assert [item.summary for item in run.warnings] == ["Value for undeclared variable"]
    (root / "main.tf").write_text('variable "needed" {}\n', encoding="utf-8")
    assert [item.summary for item in failure(session, root).diagnostics] == ["No value for required variable"]


def test_a_provider_that_cannot_be_had_says_so(tree: WriteTree) -> None:
    root = tree(
        {
            "main.tf": "terraform {\n  required_providers {\n    aws = {\n"
            '      source  = "hashicorp/aws"\n      version = ">= 999.0"\n    }\n  }\n}\n'
        }
    )
    env = dict(os.environ) | {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    with TerraformSession.open(base_env=env) as session:
        failed = failure(session, root)
    assert failed.command == "init"
    assert re.search(
        r"provider hashicorp/aws cannot be had: .*(no available releases match|could not connect).*; "
        r"put it in a mirror folder or let this machine reach the registry",
        str(failed),
    )


def test_variables_keep_their_types_and_win(session: TerraformSession, tree: WriteTree) -> None:
    root = tree({"main.tf": CASES + 'output "size" {\n  value = var.size\n}\n', "terraform.tfvars": "size = 1\n"})
    run = make_plan(mirror(root, session.new_folder()), session, {"size": 7})
    assert run.json["planned_values"]["outputs"]["size"]["value"] == 7
    assert "planned_values" not in repr(run)


def test_refusals_of_many_cases_come_from_one_plan(session: TerraformSession, tree: WriteTree) -> None:
    calls = "".join(f'module "case_{size}" {{\n  source = "./m"\n  size   = {size - 1}\n}}\n' for size in range(3))
    root = tree({"main.tf": calls, "m/main.tf": CASES})
    found = refusals(mirror(root, session.new_folder()), session)
    assert [item.snippet_context for item in found] == ['module "case_0"', 'module "case_1"']
    assert {item.summary for item in found} == {"Invalid value for variable"}
    assert "size must be positive." in found[0].detail


def test_no_refusal_where_the_plan_passes_and_no_refusal_from_a_broken_init(
    session: TerraformSession, tree: WriteTree
) -> None:
    root = tree({"main.tf": 'output "x" {\n  value = 1\n}\n'})
    assert refusals(mirror(root, session.new_folder()), session) == []
    (root / "main.tf").write_text('terraform {\n  required_version = ">= 99"\n}\n', encoding="utf-8")
    with pytest.raises(TerraformFailed, match="terraform init failed"):
        refusals(mirror(root, session.new_folder()), session)
