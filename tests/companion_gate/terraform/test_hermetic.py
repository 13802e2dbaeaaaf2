"""The gate cannot reach a real account, even when it runs with real credentials around it."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.environment import DUMMY_ACCESS_KEY
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import mirror
from tests.hermetic import OUTSIDE, addresses, deployers_environment, needs_strace, outside, traced

from .conftest import WriteTree
from .sts import serving

ROOT = """
provider "aws" {
  region = "us-east-1"
  %s
}
data "aws_caller_identity" "me" {}
output "account" { value = data.aws_caller_identity.me.account_id }
"""
ESCAPING = """
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  no_proxy                    = "192.0.2.1"
  endpoints { sts = "http://192.0.2.1" }
"""


def real_looking_environment(tmp_path: Path) -> dict[str, str]:
    """A deployer's environment, with a `terraform` whose calls are traced to calls.<command>."""
    terraform = shutil.which("terraform")
    assert terraform
    wrapper = tmp_path / "traced" / "terraform"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {" ".join(traced(f"{tmp_path}/calls.$1"))} {terraform} "$@"\n')
    wrapper.chmod(0o755)
    env = deployers_environment(tmp_path / "users-home")
    return env | {"PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}


pytestmark = needs_strace


def test_a_plan_talks_to_the_emulated_aws_only_and_with_dummy_keys(tree: WriteTree, tmp_path: Path) -> None:
    env = real_looking_environment(tmp_path)
    root = tree({"main.tf": ROOT % ""})
    with serving(answers=True) as sts, TerraformSession.open(sts.url, env) as session:
        plan = make_plan(mirror(root, session.new_folder()), session).json
    assert plan["planned_values"]["outputs"]["account"]["value"] == "123456789012"
    seen = addresses(tmp_path / "calls.plan") | addresses(tmp_path / "calls.show")
    assert sts.url.removeprefix("http://") in seen
    assert outside(seen) == set()
    assert sts.authorizations
    assert all(f"Credential={DUMMY_ACCESS_KEY}/" in header for header in sts.authorizations)


def test_a_provider_that_goes_off_loopback_would_be_seen(tree: WriteTree, tmp_path: Path) -> None:
    # `unsafe_constructs` refuses this root; here it runs, to show that the trace above can fail.
    env = real_looking_environment(tmp_path)
    root = tree({"main.tf": ROOT % ESCAPING})
    seen = seen_until(f"{OUTSIDE}:80", root, tmp_path, env)
    assert outside(seen) == {f"{OUTSIDE}:80"}


def test_an_endpoint_in_the_root_alone_does_not_get_past_the_dead_proxy(tree: WriteTree, tmp_path: Path) -> None:
    env = real_looking_environment(tmp_path)
    root = tree({"main.tf": ROOT % ESCAPING.replace("no_proxy", "# no_proxy")})
    seen = seen_until("127.0.0.1:9", root, tmp_path, env)
    assert "127.0.0.1:9" in seen
    assert outside(seen) == set()


def seen_until(place: str, root: Path, tmp_path: Path, env: dict[str, str]) -> set[str]:
    """Plan a root whose AWS calls fail until `place` was called; the provider's retries would take half a minute."""
    trace = tmp_path / "calls.plan"
    with TerraformSession.open("http://127.0.0.1:9", env) as session, ThreadPoolExecutor(1) as pool:
        plan = pool.submit(make_plan, mirror(root, session.new_folder()), session)
        while not plan.done() and not (trace.exists() and place in addresses(trace)):
            time.sleep(0.2)
        session.close()
        with pytest.raises(GateError):
            plan.result()
    return addresses(trace)
