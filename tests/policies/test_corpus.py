"""Popular Terraform that is not about companions: what the policies say of it is right, and nothing else is said.

A comment above a block names the policies that fail it, because the practice holds for it as well: such as a table
without recovery, or an administrator who may call every model.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aic_engine.profiles import select
from aic_engine.rule import Rule, Verdict
from companion_gate import POLICIES_FOLDER
from companion_gate.checkov.scan import FolderScan, scan
from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import placed
from tests.policies.fixtures import FOLDER

CORPUS = FOLDER.parent / "corpus"
FILES = sorted(CORPUS.glob("*.tf"))
_MARKED = re.compile(r"^# ([a-z0-9 -]+)\nresource \"(\w+)\" \"(\w+)\"", re.MULTILINE)
_PROVIDER = 'provider "aws" {\n  region = "eu-central-1"\n}\n'


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for file in FILES:
        made[file.stem] = tmp_path_factory.mktemp(file.stem)
        (made[file.stem] / "main.tf").write_text(_PROVIDER + file.read_text(encoding="utf-8"), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def scans(folders: dict[str, Path], rules: tuple[Rule, ...]) -> dict[Path, FolderScan]:
    return scan(list(folders.values()), POLICIES_FOLDER, rules)[0]


@pytest.fixture(scope="module")
def baseline(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return select(rules, "baseline")


def _expected(file: Path) -> set[tuple[str, str]]:
    marked = _MARKED.findall(file.read_text(encoding="utf-8"))
    return {(name, f"{type_}.{block}") for names, type_, block in marked for name in names.split()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_said_on_hcl_is_right(
    file: Path, folders: dict[str, Path], scans: dict[Path, FolderScan], baseline: tuple[Rule, ...]
) -> None:
    names = {rule.name for rule in baseline}
    findings = [each for each in scans[folders[file.stem]].findings if each.name in names]
    assert {(each.name, each.block) for each in findings if each.verdict is Verdict.FAIL} == _expected(file)
    assert [each.message for each in findings if each.verdict is Verdict.UNKNOWN] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_said_on_the_plan_is_right(
    file: Path, folders: dict[str, Path], baseline: tuple[Rule, ...], terraform_session: TerraformSession
) -> None:
    plan = Plan(make_plan(placed(folders[file.stem], terraform_session.new_folder()), terraform_session))
    findings = [finding for rule in baseline for finding in rule.evaluate(plan.graph)]
    assert {(each.name, each.block) for each in findings if each.verdict is Verdict.FAIL} == _expected(file)
    assert [each.message for each in findings if each.verdict is Verdict.UNKNOWN] == []
