"""What holds for every example: it plans as it is, and what its README shows plans too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from companion_gate.gate.stack import EXAMPLE_PROVIDER
from companion_gate.readme import readme_examples
from companion_gate.terraform.batch import BatchCase, Outcome, PlanRun, plan_together
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import placed, written
from tests.modules.roots import MODULES, REPOSITORY, run_terraform

from .deployments import EXAMPLES, NAMES

BLOCKS = {
    f"{readme.parent.name}-{example.index}": example.text
    for readme in sorted((REPOSITORY / "examples").glob("*/README.md"))
    for example in readme_examples(readme)
}
_ROOT_README = {f"README-{example.index}": example.text for example in readme_examples(REPOSITORY / "README.md")}


@pytest.fixture(scope="module")
def outcomes(terraform_session: TerraformSession) -> Mapping[str, Outcome]:
    """Examples, and blocks of READMEs, planned together."""
    cases = [BatchCase(name, partial(placed, EXAMPLES / name)) for name in NAMES]
    for name, text in (BLOCKS | _ROOT_README).items():
        cases.append(
            BatchCase(name, partial(written, {"main.tf": text}, {"modules": MODULES}), provider=EXAMPLE_PROVIDER)
        )
    return plan_together(cases, terraform_session)


@pytest.mark.parametrize("name", [*NAMES, *BLOCKS, *_ROOT_README])
def test_plans_without_a_warning(name: str, outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes[name]
    assert isinstance(outcome, PlanRun), outcome
    assert outcome.warnings == ()
    assert {change["change"]["actions"][0] for change in outcome.json["resource_changes"]} == {"create"}


@pytest.mark.parametrize("name", [*BLOCKS, *_ROOT_README])
def test_blocks_are_formatted(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text((BLOCKS | _ROOT_README)[name])
    assert run_terraform(["fmt", "-check"], tmp_path).stdout == ""


@pytest.mark.parametrize("name", NAMES)
def test_says_in_a_readme_what_it_deploys_and_what_it_costs(name: str) -> None:
    readme = (EXAMPLES / name / "README.md").read_text()
    assert readme.startswith(f"# {name}\n")
    assert f"## {name}\n" in (REPOSITORY / "docs" / "costs.md").read_text()


def test_there_is_one_for_each_way_to_start() -> None:
    assert NAMES == ["bring-your-own", "sagemaker-companion", "text-chat", "voice-companion"]


def test_the_whole_contract_is_known_before_anything_exists(outcomes: Mapping[str, Outcome]) -> None:
    for name in ("voice-companion", "sagemaker-companion"):
        outcome = outcomes[name]
        assert isinstance(outcome, PlanRun)
        assert outcome.json["output_changes"]["capacity_contract"]["after_unknown"] is False


def test_what_is_expensive_is_off_until_it_is_written_down(outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes["text-chat"]
    assert isinstance(outcome, PlanRun)
    types = {change["type"] for change in outcome.json["resource_changes"]}
    assert not [type_ for type_ in types if type_.startswith(("aws_opensearch", "aws_sagemaker", "aws_cloudfront"))]
