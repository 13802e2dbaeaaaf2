"""One command makes a policy that is asked at once, with its fixture and its page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aic_engine.rule import Verdict
from companion_gate.gate.run import load_policies
from companion_gate.pages import stale
from tests.policies.mutation import on_hcl

COMMAND = (sys.executable, "-m", "companion_gate.new_policy")
GOOD = ("MEM", "key-in-one-region", "aws_kms_key", "multi_region", "false")


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("policies", "tests/policies/fixtures", "docs/policies"):
        shutil.copytree(repository / name, tmp_path / name, ignore=ignored)
    return tmp_path


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_a_new_policy_is_loaded_judges_its_fixture_and_has_a_page(checkout: Path) -> None:
    done = _run(checkout, *GOOD)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:3] == [
        "policies/memory/key_in_one_region.py",
        "tests/policies/fixtures/key-in-one-region/main.tf",
        "docs/policies/key-in-one-region.md",
    ]
    rules = load_policies(checkout / "policies")
    (rule,) = [each for each in rules if each.name == "key-in-one-region"]
    assert re.fullmatch(r"CKV_AIC_MEM_\d{3}", rule.id)
    assert rule.id == max(each.id for each in rules if "_MEM_" in each.id)
    fixture = on_hcl.read(checkout / "tests/policies/fixtures/key-in-one-region")
    assert {finding.block: finding.verdict for finding in rule.evaluate(fixture)} == {
        "aws_kms_key.pass": Verdict.PASS,
        "aws_kms_key.fail": Verdict.FAIL,
    }
    assert stale(checkout / "docs/policies", rules) == []


def test_a_nested_argument_becomes_a_block(checkout: Path) -> None:
    assert _run(checkout, "LOAD", "queue-filters", "aws_x", "a[0].b", "3").returncode == 0
    text = (checkout / "tests/policies/fixtures/queue-filters/main.tf").read_text()
    assert "  a {\n    b = 3\n  }\n" in text
    assert "    b = 4\n" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("SEA", *GOOD[1:]), "there is no area 'SEA'; choose one of SAFE, MEM"),
        ((GOOD[0], "Key_Region", *GOOD[2:]), "must be lower-case words joined by hyphens"),
        ((GOOD[0], "memory-ttl-enabled", *GOOD[2:]), "there is a policy memory-ttl-enabled already"),
        ((*GOOD[:2], "kms_key", *GOOD[3:]), "must be a resource type, such as aws_sqs_queue"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    arguments: tuple[str, ...], sentence: str, checkout: Path
) -> None:
    before = sorted(checkout.rglob("*.*"))
    done = _run(checkout, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [file for file in sorted(checkout.rglob("*.*")) if "__pycache__" not in file.parts] == before
