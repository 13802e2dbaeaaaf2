"""A guardrail's digest follows the policy, literals of the module included, and follows nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .cases import moderation
from .refusals import MODULES, OFFLINE_PROVIDER, initialise, planned

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
def digests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digest by case: copies of the module with an edited guardrail.tf, and the module with other inputs."""
    root = tmp_path_factory.mktemp("fingerprint")
    calls = {
        name: {"source": "./modules/moderation", **moderation.SUITE.base, **inputs} for name, inputs in _INPUTS.items()
    }
    for name, (before, after) in _EDITS.items():
        _edited_copy(root / name, before, after)
        calls[name] = {"source": f"./{name}", **moderation.SUITE.base}
    outputs = {name: {"value": f"${{module.{name}.capacity_contract.fingerprint}}"} for name in calls}
    configuration = {"provider": {"aws": OFFLINE_PROVIDER}, "module": calls, "output": outputs}
    (root / "main.tf.json").write_text(json.dumps(configuration))
    initialise(root)
    return {name: output["value"] for name, output in planned(root)["planned_values"]["outputs"].items()}


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
