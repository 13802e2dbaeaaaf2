"""Which provider program is planned with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.fastlane.lane import Fallback, FastLane
from companion_gate.fastlane.locate import ADDRESS, ProviderFinder
from companion_gate.terraform.providers import find_mirror
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace

LOCK = f"""provider "{ADDRESS}" {{
  version = "5.100.0"
  hashes  = ["h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
}}
"""


def only_mirror(folder: Path) -> dict[str, str]:
    """An environment whose Terraform installs providers from this machine's mirror and from nowhere else."""
    mirror = find_mirror(os.environ)
    assert mirror, "this test needs a provider mirror on this machine"
    config = folder / "only-mirror.tfrc"
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    return {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": str(config)}


def test_terraform_and_the_mirror_choose_the_same_program(session: TerraformSession, tmp_path: Path) -> None:
    quick = ProviderFinder(session).find(tmp_path, (">= 5.100, < 7.0",))
    with TerraformSession.open(base_env=only_mirror(tmp_path)) as users:
        slow = ProviderFinder(users).find(tmp_path, (">= 5.100, < 7.0",))
        assert slow.path.is_file()
    assert (quick.path.resolve(), quick.version) == (slow.path, slow.version)
    assert ADDRESS in str(quick.path)


def test_a_version_that_cannot_be_had_falls_back(tmp_path: Path) -> None:
    with (
        TerraformSession.open(base_env=only_mirror(tmp_path)) as session,
        pytest.raises(GateError, match="hashicorp/aws"),
    ):
        ProviderFinder(session).find(tmp_path, ("~> 4.0",))


def test_a_lock_file_that_does_not_know_the_provider_falls_back(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text('resource "aws_sqs_queue" "q" {}\n')
    (root / ".terraform.lock.hcl").write_text(LOCK)
    # The mirror alone would serve the root, and the registry does not answer.
    silent = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "TF_REGISTRY_DISCOVERY_RETRY": "0"}
    with TerraformSession.open(base_env=silent) as session, FastLane(session) as lane:
        assert not session.cli_configs[0].is_users
        planned = lane.planned(Workspace(root, root))
        assert isinstance(planned, Fallback)
        assert "checksums" in planned.reason
        assert lane.provider_pids == []


def test_dev_overrides_fall_back(tmp_path: Path) -> None:
    config = tmp_path / "dev.tfrc"
    config.write_text('provider_installation {\n  dev_overrides {\n    "hashicorp/aws" = "/x"\n  }\n  direct {}\n}\n')
    env = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": str(config)}
    with (
        TerraformSession.open(base_env=env) as session,
        pytest.raises(GateError, match="dev_overrides replace the provider"),
    ):
        ProviderFinder(session).find(tmp_path, ())
