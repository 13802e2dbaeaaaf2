"""The gate cannot reach a real account, even when it runs with real credentials around it."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.environment import DUMMY_ACCESS_KEY
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import mirror

from .conftest import WriteTree
from .sts import serving

# AWS docs' own example key; 192.0.2.1 is reserved for documentation (RFC 5737) and is routed nowhere.
REAL_KEY = "AKIAIOSFODNN7EXAMPLE"
OUTSIDE = "192.0.2.1"
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
    """Credentials, profile, CA and proxy as on a deployer's machine, and a `terraform` whose calls are traced."""
    home = tmp_path / "users-home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text(f"[profile prod]\nregion = eu-west-1\nendpoint_url = http://{OUTSIDE}\n")
    (home / ".aws" / "credentials").write_text(f"[prod]\naws_access_key_id = {REAL_KEY}\naws_secret_access_key = x\n")
    terraform, strace = shutil.which("terraform"), shutil.which("strace")
    assert terraform
    assert strace, "this proof needs strace on Linux: install it"
    wrapper = tmp_path / "traced" / "terraform"
    wrapper.parent.mkdir()
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    wrapper.write_text(f'#!/bin/sh\nexec {strace} -f -qq -e {calls} -o {tmp_path}/calls.$1 {terraform} "$@"\n')
    wrapper.chmod(0o755)
    return dict(os.environ) | {
        "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "AWS_ACCESS_KEY_ID": REAL_KEY,
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN": "token",
        "AWS_PROFILE": "prod",
        "AWS_ENDPOINT_URL": f"http://{OUTSIDE}",
        "AWS_ENDPOINT_URL_STS": f"http://{OUTSIDE}",
        "AWS_CA_BUNDLE": "/nonexistent/ca.pem",
        "HTTP_PROXY": f"http://{OUTSIDE}:3128",
    }


def addresses(trace: Path) -> set[str]:
    """host:port of every network address that a traced process tree connected or sent to."""
    found = re.findall(
        r'sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?"([0-9a-fA-F:.]+)"', trace.read_text(errors="replace")
    )
    return {f"{host}:{port}" for port, host in found}


def outside(seen: set[str]) -> set[str]:
    return {place for place in seen if not ipaddress.ip_address(place.rsplit(":", 1)[0]).is_loopback}


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="system calls are traced with strace, which is Linux's")


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
