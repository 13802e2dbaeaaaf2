"""A folder that Terraform would plan otherwise as a called module is planned alone, and has the right plan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from companion_gate.fastlane.lane import FastLane
from companion_gate.terraform.batch import BatchCase, plan_together
from companion_gate.terraform.nesting import why_a_root
from companion_gate.terraform.plan import PlanRun, make_plan
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import mirror, placed
from tests.companion_gate.fastlane.plans import comparable

QUEUE = 'resource "aws_sqs_queue" "q" {}\n'
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
ALIAS = 'provider "aws" {\n  alias  = "other"\n  region = "eu-west-1"\n}\n'
INPUT = 'variable "x" {\n  default = "default"\n}\noutput "x" {\n  value = var.x\n}\n'
MOVED = "moved {\n  from = aws_sqs_queue.old\n  to   = aws_sqs_queue.q\n}\n"
REMOVED = "removed {\n  from = aws_sns_topic.gone\n  lifecycle {\n    destroy = false\n  }\n}\n"
READ = 'output "read" {\n  value = file("${path.module}/main.tf")\n}\n'
ROOTS = {
    "provider": ({"main.tf": QUEUE + PROVIDER}, "provider aws is for roots"),
    "alias": ({"main.tf": QUEUE + PROVIDER + ALIAS}, "has an alias"),
    "backend": ({"main.tf": QUEUE + 'terraform {\n  backend "local" {}\n}\n'}, "chooses a backend"),
    "import": ({"main.tf": QUEUE + 'import {\n  to = aws_sqs_queue.q\n  id = "x"\n}\n'}, "import is for roots"),
    "inputs": ({"main.tf": QUEUE + INPUT, "terraform.tfvars": 'x = "file"\n'}, "terraform.tfvars gives it inputs"),
    "path": ({"main.tf": QUEUE + 'output "p" {\n  value = basename(path.module)\n}\n'}, "uses a path"),
    "root path": ({"main.tf": QUEUE + 'output "p" {\n  value = path.root\n}\n'}, "uses a path"),
    "file": ({"main.tf": QUEUE + 'output "p" {\n  value = fileexists("main.tf")\n}\n'}, "uses a path"),
    "template": (
        {"main.tf": QUEUE + 'output "p" {\n  value = templatefile("${path.module}/t", {})\n}\n', "t": '${file("t")}'},
        "uses a path",
    ),
    "ephemeral": ({"main.tf": QUEUE + 'variable "x" {\n  default   = 1\n  ephemeral = true\n}\n'}, "is ephemeral"),
    "function": (
        {
            "main.tf": QUEUE
            + 'output "x" {\n  value = provider::aws::arn_parse("arn:aws:sqs:eu-west-1:1:t").service\n}\n'
        },
        "may lack what names the provider of its functions",
    ),
    "no aws": ({"main.tf": 'output "x" {\n  value = 1\n}\n'}, "nothing of hashicorp/aws is used"),
}


def folder_of(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def fast() -> Iterator[TerraformSession]:
    with TerraformSession.open() as session, FastLane(session) as lane:
        session.fast_lane = lane
        yield session


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_is_told_from_a_module(session: TerraformSession, tmp_path: Path, name: str) -> None:
    files, reason = ROOTS[name]
    assert reason in why_a_root(placed(folder_of(tmp_path, files), session.new_folder()))


@pytest.mark.parametrize("text", [QUEUE, QUEUE + MOVED + REMOVED + READ, QUEUE + INPUT])
def test_a_module_is_no_root(session: TerraformSession, tmp_path: Path, text: str) -> None:
    assert why_a_root(placed(folder_of(tmp_path, {"main.tf": text}), session.new_folder())) == ""


@pytest.mark.parametrize("name", ["backend", "inputs", "path", "root path", "file", "no aws"])
def test_a_root_among_modules_has_its_own_plan(fast: TerraformSession, tmp_path: Path, name: str) -> None:
    root, module = folder_of(tmp_path / "root", ROOTS[name][0]), folder_of(tmp_path / "module", {"main.tf": QUEUE})
    place = partial(placed, module)
    cases = [BatchCase("root", partial(placed, root)), BatchCase("a", place), BatchCase("b", place)]
    found = plan_together(cases, fast)
    expected = make_plan(mirror(root, fast.new_folder()), fast)
    assert isinstance(found["root"], PlanRun)
    assert comparable(found["root"].json) == comparable(expected.json)
    assert found["root"].not_fast == expected.not_fast
    assert bool(expected.not_fast) == (name == "no aws")
    assert isinstance(found["a"], PlanRun)
    assert isinstance(found["b"], PlanRun)
    assert (found["a"].not_fast, found["a"].seconds_plan) == ("", found["b"].seconds_plan)


def test_what_the_fast_lane_refuses_is_said_of_its_case_alone(fast: TerraformSession, tmp_path: Path) -> None:
    root, module = folder_of(tmp_path / "root", ROOTS["alias"][0]), folder_of(tmp_path / "module", {"main.tf": QUEUE})
    place = partial(placed, module)
    cases = [BatchCase("root", partial(placed, root)), BatchCase("a", place), BatchCase("b", place)]
    runs = [run for run in plan_together(cases, fast).values() if isinstance(run, PlanRun)]
    assert [run.not_fast.partition(": ")[2] for run in runs] == [
        "provider aws has an alias, so there are two provider configurations",
        "",
        "",
    ]


def test_a_plan_that_seems_to_show_the_calling_root_is_made_alone(fast: TerraformSession, tmp_path: Path) -> None:
    place = partial(placed, folder_of(tmp_path / "module", {"main.tf": QUEUE + INPUT}))
    given = {"seems": {"x": "companion_gate_case_0"}, "b": {"x": "b"}, "c": {"x": "c"}}
    found = plan_together([BatchCase(name, place, inputs) for name, inputs in given.items()], fast)
    seems, b, c = (run for run in found.values() if isinstance(run, PlanRun))
    assert seems.json["planned_values"]["outputs"]["x"]["value"] == "companion_gate_case_0"
    assert seems.seconds_plan != b.seconds_plan == c.seconds_plan


def test_an_input_of_the_environment_counts(tmp_path: Path) -> None:
    module = folder_of(tmp_path / "module", {"main.tf": QUEUE + INPUT})
    place = partial(placed, module)
    given: dict[str, dict[str, str]] = {"a": {}, "b": {"x": "given"}, "c": {"x": "other"}}
    env = dict(os.environ) | {"TF_VAR_x": "environment"}
    with TerraformSession.open(base_env=env) as session, FastLane(session) as lane:
        session.fast_lane = lane
        found = plan_together([BatchCase(name, place, inputs) for name, inputs in given.items()], session)
    plans = [run.json for run in found.values() if isinstance(run, PlanRun)]
    assert [plan["planned_values"]["outputs"]["x"]["value"] for plan in plans] == ["environment", "given", "other"]


def test_cases_with_different_lock_files_share_no_root(fast: TerraformSession, tmp_path: Path) -> None:
    locked = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "0.0.1"\n}\n'
    free = partial(placed, folder_of(tmp_path / "free", {"main.tf": QUEUE}))
    held = partial(placed, folder_of(tmp_path / "held", {"main.tf": QUEUE, ".terraform.lock.hcl": locked}))
    cases = [BatchCase(name, place) for name, place in (("a", free), ("b", held), ("c", free), ("d", held))]
    found = plan_together(cases, fast)
    assert {type(found["a"]), type(found["c"])} == {PlanRun}
    assert "0.0.1" in str(found["b"])
    assert "0.0.1" in str(found["d"])
