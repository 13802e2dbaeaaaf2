"""Plans from a recording: the same, with no provider, or an error that says how to record again."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from companion_gate.aws.target import aws_target
from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.fastlane.replay import Recording
from companion_gate.terraform.diagnostics import TerraformFailed
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace, generated, mirror

from .conftest import PROVIDER
from .plans import changes, comparable, fast_json

AGAIN = r"; record it again with `pytest --plan-record .*\.gz`$"
TEXT = """
provider "aws" {
  region = "eu-central-1"
}
resource "aws_sqs_queue" "turns" {
  name = "turns"
}
data "aws_caller_identity" "me" {
  count = terraform.workspace == "never" ? 1 : 0
}
"""


def queue(session: TerraformSession, text: str = TEXT) -> Workspace:
    return generated({"main.tf": text, "versions.tf": PROVIDER}, {}, session.new_folder())


def core(session: TerraformSession, repository: Path) -> Workspace:
    return mirror(repository / "examples" / "sagemaker-companion", session.new_folder())


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, repository: Path
) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """A recording of two plans, and their JSON."""
    file = tmp_path_factory.mktemp("recording") / "plans.gz"
    with aws_target("embedded") as aws, TerraformSession.open(endpoint_url=aws.url) as session:
        with FastLane(session, record=file) as lane:
            plans = fast_json(lane, queue(session)), fast_json(lane, core(session, repository))
        yield file, *plans


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[TerraformSession]:
    """A session that can have no provider, and whose AWS does not answer."""
    config = tmp_path / "nothing.tfrc"
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path}"\n  }}\n}}\n')
    env = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": str(config)}
    with TerraformSession.open(base_env=env) as session:
        yield session


def changed(file: Path, into: Path, **facts: Any) -> Path:
    """A copy of a recording that says something else of itself."""
    data = json.loads(gzip.decompress(file.read_bytes())) | facts
    copy = into / "changed.gz"
    copy.write_bytes(gzip.compress(json.dumps(data).encode()))
    return copy


def test_replays_the_same_plans_with_no_provider(
    recorded: tuple[Path, dict[str, Any], dict[str, Any]], nowhere: TerraformSession, repository: Path
) -> None:
    file, queue_plan, core_plan = recorded
    with FastLane(nowhere, replay=file) as lane:
        assert comparable(fast_json(lane, core(nowhere, repository))) == comparable(core_plan)
        assert comparable(fast_json(lane, queue(nowhere))) == comparable(queue_plan)
        assert lane.provider_pids == []
    assert changes(core_plan)
    assert file.stat().st_size < 500_000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('name = "turns"', 'name = "tokens"', "has no answer to a ValidateResourceTypeConfig of this plan"),
        ("eu-central-1", "eu-west-1", "has no answer to a PrepareProviderConfig of this plan"),
        ("aws_sqs_queue", "aws_sns_topic", "has no answer to a GetSchema of this plan"),
    ],
)
def test_what_was_not_recorded_fails(
    recorded: tuple[Path, dict[str, Any], dict[str, Any]], nowhere: TerraformSession, old: str, new: str, why: str
) -> None:
    with FastLane(nowhere, replay=recorded[0]) as lane, pytest.raises(GateError, match=why + AGAIN) as missed:
        lane.planned(queue(nowhere, TEXT.replace(old, new)))
    assert not isinstance(missed.value, TerraformFailed)


def test_two_configurations_in_one_recording_do_not_mix(nowhere: TerraformSession, tmp_path: Path) -> None:
    quiet = "skip_credentials_validation = true\n  skip_requesting_account_id = true\n"
    texts = {
        team: TEXT.replace("region =", f'{quiet}  default_tags {{\n    tags = {{ team = "{team}" }}\n  }}\n  region =')
        for team in ("red", "blue")
    }
    file = tmp_path / "teams.gz"
    with TerraformSession.open() as session, FastLane(session, record=file) as lane:
        for text in texts.values():
            fast_json(lane, queue(session, text))
    with FastLane(nowhere, replay=file) as lane:
        for team, text in texts.items():
            assert changes(fast_json(lane, queue(nowhere, text)))["aws_sqs_queue.turns"]["tags_all"] == {"team": team}


def test_a_read_is_never_recorded(tmp_path: Path, nowhere: TerraformSession) -> None:
    text = TEXT.replace('"never"', '"default"')
    file = tmp_path / "read.gz"
    with aws_target("embedded") as aws, TerraformSession.open(endpoint_url=aws.url) as session:
        with FastLane(session, record=file) as lane:
            fast_json(lane, queue(session, text))
        assert b"123456789012" not in b"".join(Recording.load(file).answers.values())
    with (
        FastLane(nowhere, replay=file) as lane,
        pytest.raises(GateError, match="cannot hold a ReadDataSource of this plan" + AGAIN),
    ):
        lane.planned(queue(nowhere, text))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"terraform": "1.9.0"}, "is of Terraform 1.9.0, not "),
        ({"provider": "5.99.0"}, "is of provider 5.99.0, and the root wants >= 5.100, < 7.0"),
    ],
)
def test_other_versions_fail(
    recorded: tuple[Path, dict[str, Any], dict[str, Any]],
    nowhere: TerraformSession,
    tmp_path: Path,
    facts: dict[str, str],
    why: str,
) -> None:
    file = changed(recorded[0], tmp_path, **facts)
    with FastLane(nowhere, replay=file) as lane, pytest.raises(GateError, match=f"{why}.*{AGAIN}"):
        lane.planned(queue(nowhere))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"format": 2}, "has format 2, and 1 is needed"),
        ({"protocol": 4}, "is of protocol 4"),
        ({"answers": 1}, "damaged"),
    ],
)
def test_a_recording_that_cannot_be_used_fails_at_once(
    recorded: tuple[Path, dict[str, Any], dict[str, Any]],
    nowhere: TerraformSession,
    tmp_path: Path,
    facts: dict[str, Any],
    why: str,
) -> None:
    with pytest.raises(GateError, match=why + ".*" + AGAIN):
        FastLane(nowhere, replay=changed(recorded[0], tmp_path, **facts))


def test_a_cut_or_missing_recording_fails(
    recorded: tuple[Path, dict[str, Any], dict[str, Any]], nowhere: TerraformSession, tmp_path: Path
) -> None:
    whole = recorded[0].read_bytes()
    cut = tmp_path / "cut.gz"
    for size in (0, 5, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:size])
        with pytest.raises(GateError, match="is damaged" + AGAIN):
            FastLane(nowhere, replay=cut)
    with pytest.raises(GateError, match="cannot be read: No such file" + ".*" + AGAIN):
        FastLane(nowhere, replay=tmp_path / "none.gz")


def test_a_run_does_not_record_what_it_replays(nowhere: TerraformSession, tmp_path: Path) -> None:
    with pytest.raises(GateError, match="not both"):
        FastLane(nowhere, record=tmp_path / "a.gz", replay=tmp_path / "b.gz")


def test_a_full_disk_loses_neither_the_cause_nor_the_earlier_recording(tmp_path: Path) -> None:
    script = """
import resource, secrets, sys
from pathlib import Path
from companion_gate.errors import GateError
from companion_gate.fastlane.replay import Recording
file = Path(sys.argv[1])
Recording("1.11.4", "5.100.0", "0" * 64, 5, {"a": b"x"}).save(file)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    Recording("1.11.4", "5.100.0", "0" * 64, 5, {"a": secrets.token_bytes(100_000)}).save(file)
except GateError as error:
    print(error)
"""
    file = tmp_path / "plans.gz"
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == f"{file}: the recording cannot be written: File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["plans.gz"]
    assert Recording.load(file).answers == {"a": b"x"}
