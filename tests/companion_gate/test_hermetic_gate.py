"""A whole gate run, Checkov, Terraform, provider and emulated AWS, talks to this machine alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.hermetic import REAL_KEY, addresses, deployers_environment, needs_strace, outside, traced

ROOT = """
provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "me" {}

resource "aws_dynamodb_table" "memory" {
  name         = "memory-${data.aws_caller_identity.me.account_id}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "user_id"
  deletion_protection_enabled = true

  attribute {
    name = "user_id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}
"""


@needs_strace
def test_gate_run_stays_on_loopback_with_real_credentials_around_it(tmp_path: Path) -> None:
    root = tmp_path / "infra"
    root.mkdir()
    (root / "main.tf").write_text(ROOT)
    log = tmp_path / "calls"
    gate = [sys.executable, "-m", "pytest", "--stack", "infra", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*traced(str(log)), *gate],
        cwd=tmp_path,
        env=deployers_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "GATE PASSED" in done.stdout
    seen = addresses(log)
    assert seen
    assert outside(seen) == set()
    assert REAL_KEY not in done.stdout + done.stderr
