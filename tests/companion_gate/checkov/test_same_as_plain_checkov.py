"""The gate's scan leaves out work of Checkov's that the policies do not need: the findings must not change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aic_engine.rule import Rule
from companion_gate import POLICIES_FOLDER
from companion_gate.checkov.scan import scan

REPOSITORY = Path(__file__).resolve().parents[3]
FOLDERS = [
    *sorted((REPOSITORY / "tests" / "policies" / "fixtures").iterdir()),
    *sorted((REPOSITORY / "modules").iterdir()),
    *sorted((REPOSITORY / "examples").iterdir()),
]

PLAIN = """
import json, sys
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner

policies, receipt, *folders = sys.argv[1:]
load = [policies]
for folder in folders:
    with open(receipt, "a", encoding="utf-8") as file:
        file.write(json.dumps({"folder": folder}) + "\\n")
    runner_filter = RunnerFilter(framework=["terraform"], checks=["CKV_AIC_*"])
    Runner().run(root_folder=folder, external_checks_dir=load, runner_filter=runner_filter)
    load = None
"""

Key = tuple[Any, ...]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, set[Key]]:
    """What the policies say when Checkov does all that it does by default."""
    home = tmp_path_factory.mktemp("home")
    receipt = home / "receipt.jsonl"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-c", PLAIN, str(POLICIES_FOLDER), str(receipt), *map(str, FOLDERS)]
    subprocess.run(
        command, cwd=home, env={**environment, "COMPANION_GATE_RECEIPT": str(receipt)}, check=True, capture_output=True
    )
    found: dict[Path, set[Key]] = {}
    for line in receipt.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "folder" in entry:
            folder = Path(entry["folder"])
        found.setdefault(folder, set()).update(_key(finding) for finding in entry.get("findings", []))
    return found


def test_the_findings_are_those_of_plain_checkov(plain: dict[Path, set[Key]], rules: tuple[Rule, ...]) -> None:
    scans, _ = scan(FOLDERS, POLICIES_FOLDER, rules)
    ours = {folder: {_key(finding.to_json()) for finding in result.findings} for folder, result in scans.items()}
    assert ours == plain
    assert sum(map(len, ours.values())) > 200


def _key(finding: dict[str, Any]) -> Key:
    return tuple(str(finding[name]) for name in ("rule_id", "verdict", "address", "path", "actual", "file", "line"))
