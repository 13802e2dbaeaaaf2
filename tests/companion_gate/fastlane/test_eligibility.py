from __future__ import annotations

from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.fastlane.eligibility import needs_of
from companion_gate.fastlane.locate import ADDRESS

EVERYTHING = (
    """
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws       = { source = "ADDRESS", version = ">= 5.100" }
    terraform = { source = "terraform.io/builtin/terraform" }
  }
  backend "s3" {}
}
provider "aws" { region = "eu-central-1" }
variable "name" { type = string }
locals { arn = provider::aws::arn_parse("x") }
resource "aws_sqs_queue" "a" {}
resource "terraform_data" "b" {}
data "aws_region" "c" {}
ephemeral "aws_secretsmanager_random_password" "d" {}
check "e" {
  data "aws_s3_bucket" "f" { bucket = "f" }
  assert {
    condition     = true
    error_message = "no"
  }
}
moved {
  from = aws_sqs_queue.z
  to   = aws_sqs_queue.a
}
module "g" { source = "./g" }
output "h" { value = 1 }
"""
).replace("ADDRESS", ADDRESS)


def write(folder: Path, text: str, name: str = "main.tf") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


def test_collects_from_every_module(tmp_path: Path) -> None:
    root = write(tmp_path / "root", EVERYTHING)
    write(root / "g", 'terraform {\n  required_providers { aws = "~> 5.9" }\n}\nresource "aws_kms_key" "k" {}\n')
    needs = needs_of(root)
    assert needs.types == {
        "aws_sqs_queue", "aws_region", "aws_secretsmanager_random_password", "aws_s3_bucket", "aws_kms_key",
    }  # fmt: skip
    assert needs.functions == {"arn_parse"}
    assert needs.constraints == (">= 5.100", "~> 5.9")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('provider "aws" {\n  alias = "b"\n}', "main.tf:1: provider aws has an alias"),
        ('provider "google" {}', "configures another provider than aws"),
        ('provider "aws" {\n  version = "~> 5.0"\n}', "constrains the provider's version"),
        ('resource "aws_sqs_queue" "a" {\n  provider = aws.b\n}', "aws_sqs_queue a chooses its provider configuration"),
        ('import {\n  to = aws_sqs_queue.a\n  id = "a"\n  provider = aws.b\n}', "chooses its provider configuration"),
        ('data "google_project" "a" {}', "google_project, which is not of hashicorp/aws"),
        ('resource "null_resource" "a" {}', "null_resource, which is not of hashicorp/aws"),
        ('check "a" {\n  data "http" "b" {}\n}', "http, which is not of hashicorp/aws"),
        ('module "a" {\n  source = "hashicorp/consul/aws"\n}', "module a does not call a module by a local path"),
        ('module "a" {\n  source = "./g"\n  providers = { aws = aws }\n}', "is handed its provider configurations"),
        ('terraform {\n  provider_meta "aws" {}\n}', "provider_meta aws is of a kind"),
        ('terraform {\n  cloud {}\n}', "cloud is of a kind"),
        ("terraform {\n  experiments = [x]\n}", "sets experiments"),
        ('list "aws_sqs_queue" "a" {}', "list aws_sqs_queue a is of a kind"),
        ('action "aws_lambda_invoke" "a" {}', "is of a kind that the fast lane does not know"),
        (
            "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n"
            "      configuration_aliases = [aws.b]\n    }\n  }\n}",
            "main.tf:3: required_providers entry aws sets configuration_aliases",
        ),
        (
            'terraform {\n  required_providers { aws = { source = "acme/aws" } }\n}',
            "entry aws is not hashicorp/aws under the name aws",
        ),
        (
            'terraform {\n  required_providers { amazon = { source = "hashicorp/aws" } }\n}',
            "entry amazon is not hashicorp/aws under the name aws",
        ),
        ('locals {\n  a = provider::google::region_from_zone("b")\n}', "calls a function of the provider google"),
        ("resource {", "cannot be read as HCL"),
        ('resource "terraform_data" "a" {}', "nothing of hashicorp/aws is used"),
    ],
)  # fmt: skip
def test_says_why_a_root_is_left_to_terraform(tmp_path: Path, text: str, reason: str) -> None:
    root = write(tmp_path / "root", text + "\n")
    write(root / "g", 'resource "aws_kms_key" "k" {}\n')
    with pytest.raises(GateError) as refused:
        needs_of(root)
    assert reason in str(refused.value)


def test_a_provider_block_in_a_called_module_is_a_second_configuration(tmp_path: Path) -> None:
    root = write(tmp_path / "root", 'module "g" {\n  source = "./g"\n}\n')
    write(root / "g", 'provider "aws" {}\n')
    with pytest.raises(GateError, match="provider aws stands in a called module"):
        needs_of(root)


def test_json_and_state_are_left_to_terraform(tmp_path: Path) -> None:
    root = write(tmp_path / "root", 'resource "aws_sqs_queue" "a" {}\n')
    write(root, "{}", "terraform.tfstate")
    with pytest.raises(GateError, match="a state may hold types"):
        needs_of(root)
    (root / "terraform.tfstate").unlink()
    write(root, "{}", "more.tf.json")
    with pytest.raises(GateError, match="JSON configuration"):
        needs_of(root)
