"""What the fast lane refuses, survives and leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc  # type: ignore[import-untyped]
import pytest

from companion_gate.fastlane.lane import Attachment, Fallback, FastLane
from companion_gate.fastlane.pool import KEPT
from companion_gate.terraform.diagnostics import TerraformFailed
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace, generated
from tests.companion_gate.terraform.sts import serving

from .conftest import PROVIDER, MakeRoot
from .plans import changes, comparable, fast_json

QUEUES = 'resource "aws_sqs_queue" "q" {\n  count = 25\n  name  = "q${count.index}"\n}\n'
SLOW = """
provider "aws" {
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
data "aws_caller_identity" "me" {}
"""


def team(name: str) -> str:
    return (
        f'provider "aws" {{\n  region = "eu-central-1"\n  default_tags {{\n    tags = {{ team = "{name}" }}\n  }}\n}}\n'
    )


def attached(session: TerraformSession, attachment: Attachment, workspace: Workspace) -> Terraform:
    """A driver that uses an attachment made for another root."""
    env = session.env | attachment.environment
    return Terraform(workspace.root, binary=session.binary.path, env=env, init_envs=[env])


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether the process group ends within that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_plans_with_different_tags_at_the_same_time_do_not_mix(lane: FastLane, root: MakeRoot) -> None:
    names = ["red", "blue"] * 4
    workspaces = [root(team(name) + QUEUES) for name in names]
    with ThreadPoolExecutor(4) as pool:
        plans = list(pool.map(lambda workspace: fast_json(lane, workspace), workspaces))
    for name, plan in zip(names, plans, strict=True):
        assert {each["tags_all"]["team"] for each in changes(plan).values()} == {name}
        assert len(changes(plan)) == 25


def test_idle_processes_are_bounded(session: TerraformSession, root: MakeRoot) -> None:
    with FastLane(session) as lane:
        for number in range(KEPT + 1):
            fast_json(lane, root(team(str(number)) + 'resource "aws_sqs_queue" "q" {}\n'))
        pids = lane.provider_pids
        assert len(pids) == KEPT
        assert all(not gone(pid, 0.1) for pid in pids)
    assert all(gone(pid) for pid in pids)


def test_the_provider_keeps_no_log(session: TerraformSession, root: MakeRoot) -> None:
    with FastLane(session) as lane:
        fast_json(lane, root(QUEUES))
        logs = [file for file in session.folder.rglob("std*") if file.is_file()]
        assert len(logs) >= 2
        assert sum(file.stat().st_size for file in logs) < 2_000 * len(logs)


def test_aliases_fall_back(lane: FastLane, root: MakeRoot) -> None:
    text = 'provider "aws" {\n  alias  = "b"\n  region = "eu-west-1"\n}\n' + QUEUES
    planned = lane.planned(root(text))
    assert isinstance(planned, Fallback)
    assert "main.tf:1: provider aws has an alias" in planned.reason
    assert "\n" not in planned.reason


def test_a_second_configuration_on_one_endpoint_fails(
    session: TerraformSession, lane: FastLane, root: MakeRoot
) -> None:
    attachment = lane.attach(root(QUEUES))
    assert isinstance(attachment, Attachment)
    text = (
        'provider "aws" {\n  region = "eu-central-1"\n}\nprovider "aws" {\n  alias  = "b"\n  region = "eu-west-1"\n}\n'
        'resource "aws_sqs_queue" "a" {}\nresource "aws_sqs_queue" "b" {\n  provider = aws.b\n}\n'
    )
    terraform = attached(session, attachment, root(text))
    try:
        terraform.init()
        with (
            pytest.raises(TerraformFailed, match="configures hashicorp/aws in two ways"),
            terraform.planned(lock=False),
        ):
            pass
        assert attachment.endpoint.trouble == "the plan configures hashicorp/aws in two ways"
    finally:
        attachment.endpoint.close()


def test_a_type_outside_the_schema_fails(session: TerraformSession, lane: FastLane, root: MakeRoot) -> None:
    attachment = lane.attach(root(QUEUES))
    assert isinstance(attachment, Attachment)
    terraform = attached(session, attachment, root('resource "aws_s3_bucket" "b" {}\n'))
    try:
        terraform.init()
        with pytest.raises(TerraformFailed, match="does not support resource type"), terraform.planned(lock=False):
            pass
    finally:
        attachment.endpoint.close()


def test_an_apply_is_refused(session: TerraformSession, lane: FastLane, root: MakeRoot) -> None:
    workspace = root('resource "aws_sqs_queue" "a" {}\n')
    attachment = lane.attach(workspace)
    assert isinstance(attachment, Attachment)
    terraform = attached(session, attachment, workspace)
    try:
        terraform.init()
        with pytest.raises(TerraformFailed):
            terraform.apply()
        assert attachment.endpoint.trouble is not None
    finally:
        attachment.endpoint.close()


def test_stopping_one_plan_leaves_the_provider_running(lane: FastLane, root: MakeRoot) -> None:
    attachment = lane.attach(root(QUEUES))
    assert isinstance(attachment, Attachment)
    try:
        (attach,) = json.loads(attachment.environment["TF_REATTACH_PROVIDERS"]).values()
        with grpc.insecure_channel(f"unix:{attach['Addr']['String']}") as channel:
            stop = channel.unary_unary(f"/tfplugin{attach['ProtocolVersion']}.Provider/Stop")
            assert stop(b"") == b""
        pids = lane.provider_pids
        assert len(changes(fast_json(lane, root(QUEUES)))) == 25
        assert set(pids) <= set(lane.provider_pids)
    finally:
        attachment.endpoint.close()


def test_a_provider_killed_between_plans_is_replaced(session: TerraformSession, root: MakeRoot) -> None:
    with FastLane(session) as lane:
        before = fast_json(lane, root(QUEUES))
        (killed,) = lane.provider_pids
        os.killpg(killed, signal.SIGKILL)
        after = fast_json(lane, root(QUEUES))
        assert lane.provider_pids != [killed]
        assert comparable(after) == comparable(before)


def test_a_provider_killed_during_a_plan_falls_back() -> None:
    with (
        serving(answers=False) as sts,
        TerraformSession.open(endpoint_url=sts.url) as session,
        FastLane(session) as lane,
        ThreadPoolExecutor(1) as pool,
    ):
        workspace = generated({"main.tf": SLOW, "versions.tf": PROVIDER}, {}, session.new_folder())
        plan = pool.submit(lane.planned, workspace)
        assert sts.asked.wait(60)
        (killed,) = lane.provider_pids
        os.killpg(killed, signal.SIGKILL)
        assert plan.result(60) == Fallback("the provider process ended during ReadDataSource")


def test_a_provider_that_does_not_start_falls_back(session: TerraformSession, root: MakeRoot) -> None:
    workspace = root(QUEUES)
    workspace_env = dict(session.env)
    try:
        session.env["TMPDIR"] = str(session.folder / "tmp")
        with FastLane(session) as lane:
            session.env["TMPDIR"] = str(session.folder / "missing")
            planned = lane.planned(workspace)
    finally:
        session.env.update(workspace_env)
    assert isinstance(planned, Fallback)
    assert "before it listened" in planned.reason or "did not listen" in planned.reason


def test_without_grpc_falls_back_in_one_line(
    session: TerraformSession, root: MakeRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    with FastLane(session) as lane:
        planned = lane.planned(root(QUEUES))
    assert planned == Fallback("grpcio is not installed; install companion-gate[fast]")


def test_a_closed_lane_falls_back(session: TerraformSession, root: MakeRoot) -> None:
    with FastLane(session) as lane:
        pass
    assert lane.planned(root(QUEUES)) == Fallback("the fast lane is closed")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_an_interrupted_gate(tmp_path: Path, end: signal.Signals) -> None:
    program = tmp_path / "gate.py"
    program.write_text(f"""
import sys, threading
from companion_gate.fastlane.lane import FastLane
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import generated
from tests.companion_gate.terraform.sts import serving

with serving(answers=False) as sts, TerraformSession.open(endpoint_url=sts.url) as session, FastLane(session) as lane:
    def tell():
        sts.asked.wait()
        print(*lane.provider_pids, session.folder, flush=True)
    threading.Thread(target=tell, daemon=True).start()
    workspace = generated({{"main.tf": {SLOW!r}, "versions.tf": {PROVIDER!r}}}, {{}}, session.new_folder())
    lane.planned(workspace)
""")
    repository = Path(__file__).resolve().parents[3]
    gate = subprocess.Popen(
        [sys.executable, str(program)], cwd=repository, env={**os.environ, "PYTHONPATH": "."},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert gate.stdout
        pid, folder = gate.stdout.readline().split()
        assert not gone(int(pid), 0.1)
        gate.send_signal(end)
        gate.wait(30)
        assert gone(int(pid))
        assert Path(folder).exists() == (end == signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        gate.kill()
        gate.communicate()
