"""Applying talks to this machine alone, with a deployer's credentials around it.

Where this user may make a network namespace, there is no way out of it either; every connection is logged in any case.
Terraform must find its provider on this machine then, as it does where a mirror holds it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.companion_gate.gate.running import write_tree
from tests.hermetic import (
    OUTSIDE,
    REAL_KEY,
    addresses,
    alone_on_loopback,
    deployers_environment,
    has_namespaces,
    needs_strace,
    outside,
    traced,
)

NETWORK = alone_on_loopback() if has_namespaces() else []

ROOT = """
provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "me" {}

resource "aws_cloudwatch_log_group" "turns" {
  name              = "companion-${data.aws_caller_identity.me.account_id}"
  retention_in_days = 30
}

resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_cloudfront_cache_policy" "none" {
  name    = "none"
  min_ttl = 0

  parameters_in_cache_key_and_forwarded_to_origin {
    headers_config {
      header_behavior = "none"
    }
    cookies_config {
      cookie_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}
"""

TESTS = """
from pytest_terraform import terraform


@terraform("root", scope="session")
def test_deployed_and_unchanged(root, aws):
    (group,) = aws.client("logs", "eu-central-1").describe_log_groups()["logGroups"]
    assert group["logGroupName"] == f"companion-{aws.account}"
    assert root.runner.changes() == []
"""


@needs_strace
def test_apply_and_destroy_stay_on_loopback_with_real_credentials_around_them(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "team", {"terraform/root/main.tf": ROOT, "test_root.py": TESTS})
    log = tmp_path / "calls"
    done = subprocess.run(
        [*NETWORK, *traced(str(log)), sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=folder,
        env=deployers_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    seen = addresses(log)
    assert seen
    assert outside(seen) == set()
    assert REAL_KEY not in done.stdout + done.stderr


@needs_strace
def test_proof_can_fail(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    code = f"import socket; socket.create_connection(('{OUTSIDE}', 443), 5)"
    done = subprocess.run([*NETWORK, *traced(str(log)), sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode != 0
    assert b"unreachable" in done.stderr or not NETWORK
    assert outside(addresses(log)) == {f"{OUTSIDE}:443"}
