"""Two plans of real Terraform: each change that bears on safety is told, with its direction."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from aic_engine.rule import Rule
from companion_gate.drift.compare import Change, compare
from companion_gate.drift.settings import Direction
from companion_gate.gate.run import GateRun
from tests.companion_gate.gate.running import PROVIDER, table, write_tree

GUARDRAIL = """
resource "aws_bedrock_guardrail" "companion" {
  name                      = "companion"
  description               = "Fixed"
  blocked_input_messaging   = "Call 112."
  blocked_outputs_messaging = "Call 112."

  content_policy_config {
    filters_config {
      type            = "SEXUAL"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
    filters_config {
      type            = "HATE"
      input_strength  = "HIGH"
      output_strength = "HIGH"
    }
  }
}
"""
FUNCTION = """
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  role          = "arn:aws:iam::111122223333:role/worker"
  handler       = "index.handler"
  runtime       = "python3.12"
  filename      = "index.zip"

  environment {
    variables = { RETENTION_DAYS = "30" }
  }
}
"""
KEY = 'resource "aws_kms_key" "own" {\n  enable_key_rotation = true\n}\n'
LOG = 'resource "aws_cloudwatch_log_group" "log" {\n  name = "log"\n  retention_in_days = 30\n}\n'
BEFORE = PROVIDER + table() + GUARDRAIL + FUNCTION + KEY + LOG


class Comparison:
    """``compared(("HIGH", "LOW"), …)``: what is told of the stack with these texts replaced."""

    def __init__(self, run: GateRun, rules: tuple[Rule, ...], folder: Path) -> None:
        self._run, self._rules, self._folder = run, rules, folder

    def __call__(self, *edits: tuple[str, str], added: str = "") -> list[Change]:
        after = BEFORE
        for old, new in edits:
            assert after.count(old) == 1, old
            after = after.replace(old, new)
        sides: Mapping[str, str] = {"before/main.tf": BEFORE, "after/main.tf": after + added}
        write_tree(self._folder, {**sides, "before/index.zip": "", "after/index.zip": ""})
        before, now = (self._run.plan_folder(self._folder / name).graph for name in ("before", "after"))
        return compare(before, now, self._rules)


@pytest.fixture
def compared(gate_run: GateRun, rules: tuple[Rule, ...], tmp_path: Path) -> Comparison:
    return Comparison(gate_run, rules, tmp_path)


def told(changes: list[Change], direction: Direction) -> set[str]:
    return {f"{change.says}: {change.before} → {change.after}" for change in changes if change.direction is direction}


def test_nothing_changed(compared: Comparison) -> None:
    assert compared() == []


def test_weaker_filter_and_longer_memory(compared: Comparison) -> None:
    first = '      type            = "SEXUAL"\n      input_strength  = "HIGH"\n      output_strength = '
    changes = compared((f'{first}"HIGH"', f'{first}"LOW"'), ('RETENTION_DAYS = "30"', 'RETENTION_DAYS = "365"'))
    weaker = told(changes, Direction.WEAKER)
    assert "SEXUAL filter on what the companion says: HIGH → LOW" in weaker
    assert "memory: 30 days → 365 days" in weaker
    assert not any("HATE" in each for each in weaker)
    ids = {change.id for change in changes}
    assert ids == {"drift:guardrail-output-strength:SEXUAL", "drift:memory-retention"}


def test_filter_that_is_gone_is_weaker_and_one_more_is_stronger(compared: Comparison) -> None:
    changes = compared(('type            = "HATE"', 'type            = "INSULTS"'))
    assert "HATE filter on what users say: HIGH → none" in told(changes, Direction.WEAKER)
    assert "INSULTS filter on what users say: none → HIGH" in told(changes, Direction.STRONGER)


def test_resource_that_protected_is_missed(compared: Comparison) -> None:
    changes = compared((KEY, ""), (FUNCTION, ""))
    assert told(changes, Direction.WEAKER) == {"aws_kms_key: deployed → removed"}
    assert told(changes, Direction.NEUTRAL) == {"aws_lambda_function: deployed → removed"}


def test_renamed_resource_is_compared_with_what_it_was(compared: Comparison) -> None:
    changes = compared(
        ('"aws_cloudwatch_log_group" "log"', '"aws_cloudwatch_log_group" "turns"'),
        ("retention_in_days = 30", "retention_in_days = 365"),
    )
    assert "how long logs are kept: 30 days → 365 days" in told(changes, Direction.WEAKER)
    assert "aws_cloudwatch_log_group: deployed → removed" not in told(changes, Direction.WEAKER)


def test_new_resource_that_a_policy_fails_is_weaker(compared: Comparison) -> None:
    changes = compared(added=table("other", ttl="false"))
    assert "policy memory-ttl-enabled: not there → fails" in told(changes, Direction.WEAKER)


def test_value_that_nobody_knows_any_more_is_weaker(compared: Comparison) -> None:
    changes = compared(
        ('RETENTION_DAYS = "30"', "RETENTION_DAYS = aws_bedrock_guardrail.companion.version"),
    )
    assert "memory: 30 days → not known before it is applied" in told(changes, Direction.WEAKER)


def test_two_blocks_of_one_key_do_not_hide_each_other(compared: Comparison) -> None:
    first, hate = GUARDRAIL.split('type            = "HATE"')
    changes = compared((GUARDRAIL, f'{first}type            = "SEXUAL"{hate.replace("HIGH", "LOW")}'))
    assert "HATE filter on what users say: HIGH → none" in told(changes, Direction.WEAKER)
    assert {change.key for change in changes if change.subject == "guardrail-input-strength"} >= {"HATE", "SEXUAL (1)"}


def test_words_to_users_are_told_as_changed(compared: Comparison) -> None:
    changes = compared(('blocked_input_messaging   = "Call 112."', 'blocked_input_messaging   = "No."'))
    neutral = told(changes, Direction.NEUTRAL)
    assert "answer to a blocked message, which carries the crisis referral: Call 112. → No." in neutral
