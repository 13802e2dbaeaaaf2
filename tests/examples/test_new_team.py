"""A product team's first day: an empty folder, the modules beside, and one module call; then its first mistakes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.companion_gate.gate.running import GateResult, run_gate
from tests.modules.roots import MODULES

from .deployments import EXAMPLES

_MAIN = (EXAMPLES / "text-chat" / "main.tf").read_text().replace("../../modules/", "./modules/")
# What the team writes instead of a line of its main.tf, and what it must be told.
MISTAKES = {
    "name-with-capitals": ('"companion-text"', '"CompanionText"', "name must be 3 to 24 characters"),
    "account-as-a-number": ('"111122223333"\n', "111122\n", "account_id must be the 12 digits"),
    "region-by-its-city": (
        'region           = "eu-central-1"',
        'region           = "Frankfurt"',
        "region must be the name",
    ),
    "nobody-is-alarmed": (
        '["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]',
        "[]",
        "alarm_topic_arns must hold 1 to 5 SNS topics",
    ),
    "claims-to-be-human": ("I am an AI, not a person.", "I am a person.", "disclosure must say in at most 400 bytes"),
    "no-help-in-a-crisis": (
        "call 112, or find a helpline at https://findahelpline.com.",
        "stay calm.",
        "crisis_referral must name a number",
    ),
    "model-of-another-continent": ('"eu-west-3"]', '"us-east-1"]', "models must have regions of their geography only"),
    "draft-of-an-idea": ("bedrock = { model_id", "bedrok = { model_id", "inference must hold exactly one"),
    "remembers-for-ever": (
        "  inference = {",
        "  retention = { memory_days = 3650 }\n\n  inference = {",
        "from 1 to 365",
    ),
    "takes-on-too-much": (
        "  inference = {",
        "  turns = { max_concurrency = 5000 }\n\n  inference = {",
        "max_concurrency must be a whole number from 2 to 1000",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team's folder: main.tf as the README says, and a copy of the modules."""
    team = tmp_path_factory.mktemp("team")
    shutil.copytree(MODULES, team / "modules")
    (team / "main.tf").write_text(_MAIN)
    return team


def test_the_whole_companion_is_25_lines() -> None:
    assert len(_MAIN.splitlines()) <= 25


def test_the_gate_is_green_at_the_first_go(folder: Path) -> None:
    result = run_gate(folder, "--stack", ".")
    assert result.code == 0, result.output
    assert not result.failed
    assert sum(word == "PASSED" for word in result.verdicts.values()) >= 12


@pytest.fixture(scope="module")
def mistaken(folder: Path) -> GateResult:
    """Every mistake in a root of its own, all judged in one run."""
    for name, (before, after, _) in MISTAKES.items():
        assert before in _MAIN, name
        root = folder / "teams" / name
        root.mkdir(parents=True)
        text = _MAIN.replace(before, after, 1).replace("./modules/", "../../modules/")
        (root / "main.tf").write_text(text)
    return run_gate(folder, "--stack", "teams", "-k", "plans")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_answered_with_what_to_write_instead(name: str, mistaken: GateResult) -> None:
    reason = mistaken.reason(f"teams/{name}::plan::plans")
    assert MISTAKES[name][2] in " ".join(reason.split()), reason
    assert mistaken.code == 1
