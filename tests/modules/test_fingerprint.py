"""A guardrail's digest follows the policy, literals of the module included, and follows nothing else."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from companion_gate.plan.cases import PlanCases
from companion_gate.terraform.batch import BatchCase, plan_together
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import placed

from .cases import moderation
from .roots import MODULES

_EDITS = {
    "original": ("", ""),
    "recommented": ("# No content filter covers self-harm", "# Self-harm"),
    "reindented": ("    topics_config {", "  topics_config    {"),
    "weakened": (
        'type            = "HATE"\n      input_strength  = "HIGH"',
        'type            = "HATE"\n      input_strength  = "LOW"',
    ),
}
_INPUTS = {
    "words": {"blocked_words": ["a", "b"]},
    "words_reordered": {"blocked_words": ["b", "a"]},
    "retagged": {"tags": {"team": "safety"}},
    "raised": {"pii_entities": {"EMAIL": "BLOCK"}},
}


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory, terraform_session: TerraformSession) -> dict[str, str]:
    """The digest by case: copies of the module with an edited guardrail.tf, and the module with other inputs."""
    folder, base = tmp_path_factory.mktemp("fingerprint"), moderation.SUITE.base
    unedited = partial(placed, MODULES / "moderation")
    cases = [BatchCase(name, unedited, {**base, **inputs}) for name, inputs in _INPUTS.items()]
    for name, (before, after) in _EDITS.items():
        _edited_copy(folder / name, before, after)
        cases.append(BatchCase(name, partial(placed, folder / name), base))
    plans = PlanCases(plan_together(cases, terraform_session))
    return {name: plan.output("capacity_contract.fingerprint") for name, plan in plans.items()}


def _edited_copy(folder: Path, before: str, after: str) -> None:
    shutil.copytree(MODULES / "moderation", folder)
    guardrail = folder / "guardrail.tf"
    text = guardrail.read_text()
    assert before in text
    guardrail.write_text(text.replace(before, after, 1) if before else text)


@pytest.mark.parametrize("case", ["recommented", "reindented", "retagged"])
def test_no_new_version_without_a_new_policy(case: str, digests: dict[str, str]) -> None:
    assert digests[case] == digests["original"]


def test_the_order_of_inputs_is_no_policy(digests: dict[str, str]) -> None:
    assert digests["words"] == digests["words_reordered"]


@pytest.mark.parametrize("case", ["weakened", "words", "raised"])
def test_a_new_policy_is_a_new_digest(case: str, digests: dict[str, str]) -> None:
    assert digests[case] != digests["original"]
