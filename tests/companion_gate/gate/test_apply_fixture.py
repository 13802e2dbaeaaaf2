"""pytest-terraform's own fixture in a team's own test file, with companion-gate installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion_gate.gate.running import run_gate, write_tree

LOGS = """
provider "aws" {
  region = "eu-central-1"
}

resource "aws_cloudwatch_log_group" "turns" {
  name              = "companion/turns"
  retention_in_days = 30
}

output "group" {
  value = aws_cloudwatch_log_group.turns.name
}

output "password" {
  value     = "swordfish"
  sensitive = true
}
"""

TESTS = """
from pytest_terraform import terraform


@terraform("logs", scope="session")
def test_applied(logs, aws):
    assert logs["aws_cloudwatch_log_group.turns.retention_in_days"] == 30
    groups = aws.client("logs", "eu-central-1").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["companion/turns"]
"""

REPLAYABLE = """
from pytest_terraform import terraform


@terraform("logs", scope="session")
def test_read(logs):
    assert logs["aws_cloudwatch_log_group.turns.retention_in_days"] == 30
    assert logs.outputs["group"]["value"] == "companion/turns"
"""

RUNS_CODE = (
    LOGS
    + """
resource "terraform_data" "step" {
  provisioner "local-exec" {
    command = "touch ran"
  }
}
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {"terraform/logs/main.tf": LOGS, "test_logs.py": TESTS})


def test_applies_and_writes_nothing_beside_the_sources(folder: Path) -> None:
    result = run_gate(folder, "-p", "no:cacheprovider", env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert result.code == 0, result.output
    assert "test_logs.py::test_applied PASSED" in result.output
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["main.tf", "test_logs.py"]


def test_recording_is_replayed_without_terraform_and_without_an_aws(folder: Path) -> None:
    write_tree(folder, {"test_logs.py": REPLAYABLE})
    assert run_gate(folder, "--tf-record").code == 0
    recording = (folder / "terraform/logs/tf_resources.json").read_text()
    assert "companion/turns" in recording
    assert "swordfish" not in recording
    result = run_gate(folder, "--tf-replay")
    assert result.code == 0, result.output
    assert "test_logs.py::test_read PASSED" in result.output


def test_recording_of_other_terraform_is_refused(folder: Path) -> None:
    write_tree(folder, {"test_logs.py": REPLAYABLE})
    assert run_gate(folder, "--tf-record").code == 0
    write_tree(folder, {"terraform/logs/main.tf": LOGS.replace("30", "60")})
    result = run_gate(folder, "--tf-replay")
    assert result.code == 1
    assert "tf_resources.json was recorded from other Terraform than lies in" in result.output
    assert "recording.py" not in result.output


@pytest.mark.parametrize(
    ("recording", "sentence"),
    [
        (None, "tf_resources.json does not exist, so that nothing can be replayed"),
        ("{", "tf_resources.json is not a recording of companion-gate"),
        ('{"resources": {}, "outputs": {}}', "tf_resources.json is not a recording of companion-gate"),
    ],
)
def test_what_is_no_recording_is_refused(folder: Path, recording: str | None, sentence: str) -> None:
    write_tree(folder, {"test_logs.py": REPLAYABLE})
    if recording is not None:
        write_tree(folder, {"terraform/logs/tf_resources.json": recording})
    result = run_gate(folder, "--tf-replay")
    assert result.code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_replayed_fixture_cannot_be_planned(folder: Path) -> None:
    write_tree(folder, {"test_logs.py": REPLAYABLE + "    assert logs.runner.changes() == []\n"})
    assert run_gate(folder, "--tf-record").code == 0
    result = run_gate(folder, "--tf-replay")
    assert result.code == 1
    assert "this fixture was replayed, and no Terraform is behind it" in result.output


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_each_worker_applies_and_destroys_for_itself(folder: Path, workers: tuple[str, ...]) -> None:
    many = TESTS.replace(
        "def test_applied(logs, aws)",
        "@pytest.mark.parametrize('number', range(4))\ndef test_applied(logs, aws, number)",
    )
    write_tree(folder, {"test_logs.py": "import pytest\n" + many})
    result = run_gate(folder, *workers)
    assert result.code == 0, result.output
    assert "4 passed" in result.output


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_run_that_is_ended_destroys_and_leaves_nothing(folder: Path, tmp_path: Path, name: str) -> None:
    ended = TESTS + f"    import os, signal\n    os.kill(os.getpid(), signal.{name})\n"
    write_tree(folder, {"test_logs.py": ended})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    result = run_gate(folder, env={"TMPDIR": str(temporary)})
    assert result.code == 2
    assert "KeyboardInterrupt" in result.output
    assert [path for path in temporary.iterdir() if not path.name.startswith("pytest-of-")] == []


def test_what_runs_code_is_not_applied(folder: Path) -> None:
    write_tree(folder, {"terraform/logs/main.tf": RUNS_CODE})
    result = run_gate(folder)
    assert result.code == 1
    assert 'terraform/logs/main.tf:21: terraform_data.step has a "local-exec" provisioner' in result.output
    assert not list(folder.rglob("ran"))
