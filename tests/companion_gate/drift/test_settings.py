"""Which way is stronger: each setting knows it, for every value that it is given."""

from __future__ import annotations

from typing import Any

import pytest

from companion_gate.drift.settings import Direction, Setting, settings

BY_NAME = {setting.name: setting for setting in settings()}


@pytest.mark.parametrize(
    ("name", "before", "after", "direction"),
    [
        ("guardrail-output-strength", "HIGH", "LOW", Direction.WEAKER),
        ("guardrail-output-strength", "LOW", "HIGH", Direction.STRONGER),
        ("guardrail-output-strength", "HIGH", None, Direction.WEAKER),
        ("guardrail-output-strength", "HIGH", "EXTREME", Direction.WEAKER),
        ("guardrail-pii", "BLOCK", "ANONYMIZE", Direction.WEAKER),
        ("guardrail-word", "slur", None, Direction.WEAKER),
        ("guardrail-grounding", 0.9, 0.5, Direction.WEAKER),
        ("memory-ttl", True, False, Direction.WEAKER),
        ("memory-ttl", True, None, Direction.WEAKER),
        ("memory-ttl", None, False, Direction.NEUTRAL),
        ("memory-retention", "30", "365", Direction.WEAKER),
        ("memory-retention", "365", "30", Direction.STRONGER),
        ("log-retention", 30, 0, Direction.WEAKER),
        ("log-retention", None, 365, Direction.STRONGER),
        ("function-concurrency", 50, -1, Direction.WEAKER),
        ("function-concurrency", 50, 80, Direction.NEUTRAL),
        ("worker-concurrency", None, 10, Direction.STRONGER),
        ("edge-authorizer", "CUSTOM", "NONE", Direction.WEAKER),
        ("edge-authorizer", "AWS_IAM", "CUSTOM", Direction.NEUTRAL),
        ("edge-tls", "TLSv1.2_2021", "TLSv1", Direction.WEAKER),
        ("edge-data-trace", False, True, Direction.WEAKER),
        ("edge-web-acl", "arn:aws:wafv2:…", None, Direction.WEAKER),
        ("queue-retention", 300, 1209600, Direction.NEUTRAL),
        ("guardrail-blocked-input-message", "Call 112.", "No.", Direction.NEUTRAL),
    ],
)
def test_direction(name: str, before: Any, after: Any, direction: Direction) -> None:
    assert BY_NAME[name].direction(before, after) is direction


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("memory-retention", "30", "30 days"),
        ("log-retention", 0, "without end"),
        ("log-retention", None, "without end"),
        ("function-concurrency", -1, "without bound"),
        ("memory-ttl", True, "true"),
        ("worker-concurrency", None, "none"),
        ("guardrail-blocked-input-message", "Call\n112.", "Call 112."),
    ],
)
def test_values_are_for_people(name: str, value: Any, shown: str) -> None:
    assert BY_NAME[name].shown(value) == shown


def test_setting_that_does_not_say_what_is_stronger_is_refused() -> None:
    with pytest.raises(ValueError, match="better must be one of higher"):
        Setting("x", "x", "aws_sqs_queue", "name", "nicer")


def test_every_setting_is_an_argument_of_the_provider(terraform_schema: dict[str, Any]) -> None:
    """A misspelt path would compare nothing, and nothing would ever be weaker."""
    for setting in settings():
        block = terraform_schema[setting.type]["block"]
        for step in setting.path.replace("[0]", "").replace("[*]", "").split("."):
            if step in block.get("block_types", {}):
                block = block["block_types"][step]["block"]
            else:
                assert step in block["attributes"], f"{setting.name}: {setting.path}"
                break  # what is in a map is the configuration's own
