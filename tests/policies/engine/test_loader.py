"""A policies folder that is not whole is refused, where Checkov's own loader leaves things out without a word."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aic_engine.loader import CHECKOV_ENTRY, load_rules
from aic_engine.rule import Rule, RuleError

RULE = """
from aic_engine.rule import Rule, Severity, passed
from aic_engine.weakening import drop
RULE = Rule(id="{id}", name="{name}", title="t", severity=Severity.LOW, types=("aws_a",), why="w", fix="f",
            sources=("s",), controls={{"c": "It supports."}}, breaks=(drop("aws_a", "b"),),
            decide=lambda resource, graph: passed(""))
"""
ONE = RULE.format(id="CKV_AIC_GOV_001", name="one")


@pytest.fixture(autouse=True)
def _same_import_path() -> Iterator[None]:
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good folder with one rule."""
    policies = tmp_path / "policies"
    (policies / "gov").mkdir(parents=True)
    for made in (policies, policies / "gov"):
        (made / "__init__.py").touch()
    (policies / CHECKOV_ENTRY).touch()
    (policies / "gov" / "one.py").write_text(ONE)
    return policies


def test_good_folder(folder: Path) -> None:
    (folder / "gov" / "__shared.py").write_text("raise SystemExit('shared code is not a rule')")
    assert [rule.id for rule in load_rules(folder)] == ["CKV_AIC_GOV_001"]


def write(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text)


def remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (remove("__init__.py"), "policies has no __init__.py"),
        (remove(CHECKOV_ENTRY), "has no checkov_checks.py"),
        (remove("gov/one.py"), "no policy found below"),
        (write("gov/two.py", "RULE ="), r"two.py:1 does not import: SyntaxError"),
        (write("gov/two.py", "import nothing_of_that_name"), "two.py does not import: ModuleNotFoundError"),
        (write("gov/two.py", "from . import one"), "two.py does not import: ModuleNotFoundError"),
        (write("gov/two.py", "RULE = 1"), "two.py defines no RULE"),
        (write("gov/two.py", ""), "two.py defines no RULE"),
        (write("gov/two.py", RULE.format(id="CKV_AIC_GOV_1", name="two")), "two.py: policy id"),
        (write("gov/two.py", RULE.format(id="CKV_AIC_GOV_001", name="two")), "CKV_AIC_GOV_001 is used twice"),
        (write("gov/two.py", RULE.format(id="CKV_AIC_GOV_002", name="one")), "policy name one is used twice"),
        (write("one.py", RULE.format(id="CKV_AIC_GOV_002", name="two")), "have the same name"),
        (write("gov/check.yaml", "a: 1"), "check.yaml: Checkov would run this data file"),
        (write("gov/check.yml", "a: 1"), "check.yml: Checkov would run this data file"),
        (write("gov/data.json", "{}"), "data.json: Checkov would run this data file"),
    ],
)
def test_damaged_folder(folder: Path, damage: Callable[[Path], object], complaint: str) -> None:
    damage(folder)
    with pytest.raises(RuleError, match=complaint) as refusal:
        load_rules(folder)
    assert str(folder) in str(refusal.value)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="does not exist"):
        load_rules(tmp_path / "nowhere")


def test_no_id_is_part_of_another(rules: tuple[Rule, ...]) -> None:
    """Checkov compares skipped ids as substrings."""
    ids = [rule.id for rule in rules]
    assert [(one, other) for one in ids for other in ids if one != other and one in other] == []
    assert [id_ for id_ in ids if not re.fullmatch(r"CKV_AIC_[A-Z]+_\d{3}", id_)] == []
