from __future__ import annotations

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.safety import unsafe_constructs

from .conftest import WriteTree

PROVISIONER = 'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('data "external" "x" {\n  program = ["id"]\n}\n', 1, "data.external.x runs a program"),
        ('data "http" "x" {\n  url = "http://127.0.0.1"\n}\n', 1, "data.http.x calls a web address"),
        ('check "up" {\n  data "http" "x" {\n    url = "x"\n  }\n}\n', 2, "data.http.x calls a web address"),
        ('data "terraform_remote_state" "x" {\n  backend = "s3"\n}\n', 1, "reads a state outside this machine"),
        (PROVISIONER, 2, 'terraform_data.x has a "local-exec" provisioner'),
        ('module "x" {\n  source = "terraform-aws-modules/sqs/aws"\n}\n', 1, 'module "x" is not local'),
        ('module "x" {\n  source = "git::https://example.com/x.git"\n}\n', 1, 'module "x" is not local'),
        ('module "x" {\n  source = "/srv/x"\n}\n', 1, 'module "x" is not local'),
        ('module "x" {\n  source = "./${var.x}"\n}\n', 1, 'module "x" is not local'),
        ('module "x" {\n}\n', 1, 'module "x" is not local (no source)'),
        ('resource "null_resource" "x" {}\n', 1, "needs provider registry.terraform.io/hashicorp/null"),
        ('ephemeral "random_password" "x" {}\n', 1, "needs provider registry.terraform.io/hashicorp/random"),
        ('resource "aws_x" "x" {\n  provider = evil.y\n}\n', 1, "needs provider registry.terraform.io/hashicorp/evil"),
        ('provider "local" {}\n', 1, 'provider "local" is provider registry.terraform.io/hashicorp/local'),
        (
            'terraform {\n  required_providers {\n    aws = {\n      source = "evil/aws"\n    }\n  }\n}\n',
            3,
            "required_providers names provider registry.terraform.io/evil/aws",
        ),
        (
            'terraform {\n  required_providers {\n    aws = { "source" = "example.com/hashicorp/aws" }\n  }\n}\n',
            3,
            "required_providers names provider example.com/hashicorp/aws",
        ),
        ('provider "aws" {\n  profile = "prod"\n}\n', 2, "sets profile"),
        ('provider "aws" {\n  shared_config_files = ["~/.aws/config"]\n}\n', 2, "sets shared_config_files"),
        ('provider "aws" {\n  no_proxy = "*"\n}\n', 2, "sets no_proxy"),
        ('provider "aws" {\n  http_proxy = "http://192.0.2.1:3128"\n}\n', 2, "off this machine"),
        ('provider "aws" {\n  assume_role {\n    role_arn = var.role\n  }\n}\n', 2, "sets assume_role"),
        (
            'provider "aws" {\n  dynamic "assume_role" {\n    for_each = [1]\n    content {}\n  }\n}\n',
            2,
            "sets assume_role",
        ),
        ('provider "aws" {\n  endpoints {\n    sts = "http://192.0.2.1"\n  }\n}\n', 3, "endpoints.sts"),
        ('provider "aws" {\n  endpoints {\n    sts = var.endpoint\n  }\n}\n', 3, "known only when Terraform runs"),
        (
            'provider "aws" {\n  dynamic "endpoints" {\n    for_each = [1]\n'
            '    content {\n      s3 = "http://a"\n    }\n  }\n}\n',
            5,
            "endpoints.s3",
        ),
    ],
)
def test_names_what_is_unsafe_with_file_line_and_cure(tree: WriteTree, text: str, line: int, what: str) -> None:
    root = tree({"main.tf": text})
    (unsafe,) = unsafe_constructs(root)
    assert (unsafe.file, unsafe.line) == (root / "main.tf", line)
    assert what in unsafe.what
    assert unsafe.cure


def test_an_ordinary_root_is_safe(tree: WriteTree) -> None:
    root = tree(
        {
            "main.tf": """
            terraform {
              backend "s3" { bucket = "state" }
              required_providers {
                aws  = { source = "hashicorp/aws", version = ">= 5.100" }
                main = { source = "registry.terraform.io/hashicorp/aws" }
              }
            }
            provider "aws" {
              region  = var.region
              profile = null
              endpoints { sqs = "http://localhost:4566" }
            }
            resource "aws_sqs_queue" "turns" { provider = main }
            resource "terraform_data" "x" {}
            data "aws_caller_identity" "me" {}
            data "terraform_remote_state" "x" { backend = "local" }
            """
        }
    )
    assert unsafe_constructs(root) == []


def test_follows_local_modules_to_the_end(tree: WriteTree) -> None:
    checkout = tree(
        {
            "infra/prod/main.tf": 'module "a" {\n  source = "../../modules/a"\n}\n',
            "modules/a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "modules/b/main.tf": PROVISIONER + 'module "a" {\n  source = "../a"\n}\n',
            "modules/uncalled/main.tf": PROVISIONER,
        }
    )
    assert [unsafe.file for unsafe in unsafe_constructs(checkout / "infra/prod")] == [checkout / "modules/b/main.tf"]


def test_override_files_are_looked_at(tree: WriteTree) -> None:
    root = tree({"main.tf": 'resource "terraform_data" "x" {}\n', "override.tf": PROVISIONER})
    assert [unsafe.file.name for unsafe in unsafe_constructs(root)] == ["override.tf"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"main.tf": 'resource "a" "b" {\n  x =\n}\n'}, r"main\.tf:2: "),
        ({"main.tf": "", "more.tf.json": "{}"}, r"more\.tf\.json:1: JSON configuration is not read"),
        ({"main.tf": 'module "x" {\n  source = "./gone"\n}\n'}, r'main\.tf:1: module "x" names \./gone, which is no'),
        ({"readme.md": ""}, "holds no .tf file"),
    ],
)
def test_what_cannot_be_read_never_counts_as_safe(tree: WriteTree, files: dict[str, str], message: str) -> None:
    with pytest.raises(GateError, match=message):
        unsafe_constructs(tree(files))


def test_a_provider_that_the_team_allowed_is_no_longer_refused(tree: WriteTree) -> None:
    pet = 'resource "random_pet" "x" {}\nresource "null_resource" "x" {\n  provisioner "local-exec" {\n  }\n}\n'
    needs = 'terraform {\n  required_providers {\n    random = { source = "hashicorp/random" }\n  }\n}\n'
    root = tree({"main.tf": pet + needs})
    assert len(unsafe_constructs(root)) == 4
    left = [unsafe.what for unsafe in unsafe_constructs(root, ["hashicorp/random", "hashicorp/null"])]
    assert left == ['null_resource.x has a "local-exec" provisioner, which runs commands']
    assert len(unsafe_constructs(root, ["evil/random"])) == 4
