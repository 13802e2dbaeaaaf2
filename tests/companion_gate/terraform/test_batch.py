"""Each case of a batch comes out as if it had been planned alone, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from companion_gate.errors import GateError
from companion_gate.fastlane.lane import FastLane
from companion_gate.terraform.batch import BatchCase, Outcome, plan_together
from companion_gate.terraform.diagnostics import TerraformFailed, in_order
from companion_gate.terraform.plan import PlanRun, make_plan
from companion_gate.terraform.safety import safe
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import mirror, placed, written
from tests.companion_gate.fastlane.plans import comparable

DATA = Path(__file__).parent / "data"
SECRET = "hunter2-hunter2"
CASES: dict[str, dict[str, Any]] = {
    "good": {},
    "other": {"wait": 30, "tags": [{"key": "a"}, {"key": "b", "value": "${not a template}"}]},
    "number as text": {"wait": "30"},
    "null": {"low": None},
    "a-b": {"name": "a-b"},
    "1st": {"name": "first"},
    "größe": {"name": "size", "secret": SECRET},
    "warned": {"wait": 8},
    "rule": {"ttl": -1},
    "two rules": {"ttl": -1, "wait": 7},
    "rule across": {"low": 9},
    "type": {"ttl": "abc"},
    "nested type": {"tags": [{"value": "no key"}]},
    "precondition": {"wait": 7},
    "rule of a called module": {"wait": 11},
    "precondition of a called module": {"wait": 12},
    "precondition of an output": {"wait": 51},
    "provider": {"wait": 999_999},
    "secret to the provider": {"leak": True, "secret": SECRET},
}
REFUSED = {
    "rule": ["rules.tf:5: Invalid value for variable: ttl must be positive."],
    "two rules": ["main.tf:16: Resource precondition failed: not seven", "rules.tf:5: Invalid value for variable"],
    "rule across": ["rules.tf:16: Invalid value for variable: low must be less than ttl."],
    "type": ["rules.tf:1: Invalid value for input variable: The given value is not suitable for var.ttl"],
    "nested type": ["rules.tf:27: Invalid value for input variable: The given value is not suitable for var.tags"],
    "precondition": ["main.tf:16: Resource precondition failed: not seven"],
    "rule of a called module": ["main.tf:35: Invalid value for variable: not eleven"],
    "precondition of a called module": ["inner/main.tf:15: Resource precondition failed: not twelve"],
    "precondition of an output": ["main.tf:51: Module output value precondition failed: over fifty"],
    "provider": [
        "main.tf:13: aws_sqs_queue.this: expected visibility_timeout_seconds to be in the range",
        "main.tf:51: Module output value precondition failed",
    ],
    "secret to the provider": ["main.tf:24: aws_dynamodb_table.this: expected billing_mode to be one of"],
}
QUEUE = 'resource "aws_sqs_queue" "{}" {{}}\n'
_CYCLE = 'resource "aws_sqs_queue" "{}" {{\n  name = aws_sqs_queue.{}.name\n}}\n'
_MARKED = 'variable "v" {\n  default   = "x"\n  sensitive = true\n}\noutput "o" {\n  value = var.v\n}\n'
BROKEN = {
    "module": ('module "m" {\n  source = "./missing"\n}\n', "names ./missing, which is no folder"),
    "syntax": ('resource "aws_sqs_queue" "a" {\n', "cannot be read as HCL"),
    "duplicate": (QUEUE.format("a") * 2, "Duplicate resource"),
    "argument": ('resource "aws_sqs_queue" "a" {\n  nme = 1\n}\n', 'An argument named "nme" is not expected here'),
    "resource": ('resource "aws_no_such_thing" "a" {}\n', "does not support resource type"),
    "cycle": (_CYCLE.format("a", "b") + _CYCLE.format("b", "a"), "Cycle"),
    "file": (QUEUE.format("a") + 'output "o" {\n  value = file("${path.module}/none")\n}\n', "no file exists"),
    "version": (QUEUE.format("a") + 'terraform {\n  required_version = ">= 99"\n}\n', "Unsupported Terraform Core"),
    "unsafe": ('data "external" "e" {\n  program = ["id"]\n}\n', "Terraform was not started"),
    "sensitive output": (QUEUE.format("a") + _MARKED, "Output refers to sensitive values"),
}


@pytest.fixture(scope="module")
def fast() -> Iterator[TerraformSession]:
    """A session with a fast lane and without an AWS."""
    with TerraformSession.open() as session, FastLane(session) as lane:
        session.fast_lane = lane
        yield session


def inputs_of(name: str) -> dict[str, Any]:
    return {"name": "n", **CASES[name]}


def together(session: TerraformSession, folders: Mapping[str, Path]) -> dict[str, Outcome]:
    return plan_together([BatchCase(name, partial(placed, folder)) for name, folder in folders.items()], session)


def alone(session: TerraformSession, folder: Path, inputs: Mapping[str, Any]) -> Outcome:
    try:
        return make_plan(safe(mirror(folder, session.new_folder())), session, inputs)
    except GateError as error:
        return error


@pytest.fixture(scope="module")
def outcomes(fast: TerraformSession) -> dict[str, Outcome]:
    """Of all cases together."""
    place = partial(placed, DATA / "rules")
    return plan_together([BatchCase(name, place, inputs_of(name)) for name in CASES], fast)


def run_of(outcome: Outcome) -> PlanRun:
    assert isinstance(outcome, PlanRun), outcome
    return outcome


@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED])
def test_an_accepted_case_has_the_plan_it_has_alone(
    name: str, fast: TerraformSession, outcomes: Mapping[str, Outcome]
) -> None:
    found, expected = run_of(outcomes[name]), run_of(alone(fast, DATA / "rules", inputs_of(name)))
    assert comparable(found.json) == comparable(expected.json)
    assert found.folders == expected.folders == {"": DATA / "rules", "inner": DATA / "rules" / "inner"}
    assert [*map(str, found.warnings)] == [*map(str, expected.warnings)]
    assert len(found.warnings) == (name == "warned")
    assert (found.not_fast, found.root_text, found.provider_versions) == ("", "", expected.provider_versions)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_case_has_the_diagnostics_it_has_alone(
    name: str, fast: TerraformSession, outcomes: Mapping[str, Outcome]
) -> None:
    found, expected = outcomes[name], alone(fast, DATA / "rules", inputs_of(name))
    assert isinstance(found, TerraformFailed)
    assert isinstance(expected, TerraformFailed)
    assert in_order(found.diagnostics) == in_order(expected.diagnostics)
    assert (found.command, found.returncode) == ("plan", 1)
    folder = f"{DATA / 'rules'}/".removeprefix(f"{Path.cwd()}/")
    told = [item.sentence.removeprefix(folder) for item in found.diagnostics]
    assert [message[: len(start)] for message, start in zip(told, REFUSED[name], strict=True)] == REFUSED[name]


def test_all_accepted_cases_come_from_one_plan(outcomes: Mapping[str, Outcome]) -> None:
    accepted = [run_of(outcomes[name]) for name in CASES if name not in REFUSED]
    assert len({run.seconds_plan for run in accepted}) == 1


def test_a_secret_stays_marked_and_with_its_case(outcomes: Mapping[str, Outcome]) -> None:
    plan = run_of(outcomes["größe"]).json
    assert plan["planned_values"]["outputs"]["secret"] == {"sensitive": True, "type": "string", "value": SECRET}
    assert plan["output_changes"]["secret"]["after_sensitive"] is True
    assert plan["planned_values"]["outputs"]["name"]["sensitive"] is False
    (tagged,) = [each for each in plan["resource_changes"] if each["address"] == "aws_sqs_queue.this"]
    assert tagged["change"]["after"]["tags"] == {"secret": SECRET}
    assert tagged["change"]["after_sensitive"]["tags"] == {"secret": True}
    assert plan["variables"]["secret"] == {"value": SECRET}
    others = [outcome for name, outcome in outcomes.items() if name != "größe"]
    assert SECRET not in "".join(repr(each.json) if isinstance(each, PlanRun) else repr(each) for each in others)
    assert SECRET not in repr(outcomes["größe"])


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({}, "No value for required variable"),
        ({"name": "n", "nme": 1}, "declares no variable nme"),
        ({"name": {1, 2}}, "pass plain data"),
    ],
    ids=["missing", "unknown", "no-data"],
)
def test_inputs_that_cannot_be_given_are_said_of_their_case(
    fast: TerraformSession, inputs: dict[str, Any], sentence: str
) -> None:
    place = partial(placed, DATA / "rules")
    cases = [BatchCase("bad", place, inputs), *(BatchCase(name, place, inputs_of(name)) for name in ("good", "other"))]
    found = plan_together(cases, fast)
    with pytest.raises(GateError, match=sentence):
        raise found["bad"] if isinstance(found["bad"], GateError) else AssertionError(found["bad"])
    assert isinstance(found["good"], PlanRun)
    assert isinstance(found["other"], PlanRun)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_case_breaks_no_other(fast: TerraformSession, tmp_path: Path, name: str) -> None:
    text, sentence = BROKEN[name]
    folders = folders_of(tmp_path, [QUEUE.format("q"), text, QUEUE.format("r")])
    found = together(fast, folders)
    expected = alone(fast, folders["1"], {})
    assert (type(found["1"]), _said(found["1"])) == (type(expected), _said(expected))
    assert sentence in str(found["1"])
    for other, address in (("0", "aws_sqs_queue.q"), ("2", "aws_sqs_queue.r")):
        assert [each["address"] for each in run_of(found[other]).json["resource_changes"]] == [address]


def _said(outcome: object) -> str:
    """The words of a refusal; Terraform begins a cycle anywhere."""
    text, cycle, members = str(outcome).partition("Cycle: ")
    return text + cycle + ", ".join(sorted(members.split(", "))) if cycle else text


def folders_of(parent: Path, texts: Sequence[str]) -> dict[str, Path]:
    folders = {str(number): parent / str(number) for number in range(len(texts))}
    for folder, text in zip(folders.values(), texts, strict=True):
        folder.mkdir()
        (folder / "main.tf").write_text(text)
    return folders


def test_a_provider_that_cannot_be_had_is_said_of_its_case(fast: TerraformSession, tmp_path: Path) -> None:
    wanted = (
        'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n      version = "0.0.1"\n'
    )
    queue = QUEUE.format("q")
    found = together(fast, folders_of(tmp_path, [queue, wanted + "    }\n  }\n}\n" + queue, queue]))
    assert "provider hashicorp/aws cannot be had" in str(found["1"])
    assert {type(found["0"]), type(found["2"])} == {PlanRun}


def test_no_case_is_no_batch(fast: TerraformSession) -> None:
    with pytest.raises(GateError, match="there is no case to plan"):
        plan_together([], fast)


def test_names_are_given_once(fast: TerraformSession) -> None:
    place = partial(placed, DATA / "rules")
    with pytest.raises(GateError, match="two cases are called a"):
        plan_together([BatchCase("a", place), BatchCase("b", place), BatchCase("a", place)], fast)


def test_a_recording_of_many_cases_answers_for_one(tmp_path: Path) -> None:
    text = {"main.tf": QUEUE.format("q")}
    topic = {"main.tf": 'resource "aws_sns_topic" "t" {}\n'}
    cases = [BatchCase(name, partial(written, files, {})) for name, files in (("q", text), ("t", topic))]
    with TerraformSession.open() as session:
        with FastLane(session, record=tmp_path / "recording") as lane:
            session.fast_lane = lane
            recorded = plan_together(cases, session)
        with FastLane(session, replay=tmp_path / "recording") as lane:
            session.fast_lane = lane
            replayed = plan_together(cases[1:], session)
    assert comparable(run_of(replayed["t"]).json) == comparable(run_of(recorded["t"]).json)
