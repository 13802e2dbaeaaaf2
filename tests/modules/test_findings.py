"""Checkov as anyone runs it, with our policies: whatever it finds in modules and examples is accepted with a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .roots import REPOSITORY

_SCANNED = ["modules", *sorted(f"examples/{folder.name}" for folder in (REPOSITORY / "examples").iterdir())]
_ACCEPTED = tomllib.loads((REPOSITORY / "docs/accepted-findings.toml").read_text())["accepted"]
Finding = tuple[str, str]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Finding]]:
    """Failed checks by scanned folder: check id, and module folder with block."""
    home = tmp_path_factory.mktemp("home")
    with ThreadPoolExecutor(max_workers=2) as pool:
        answers = pool.map(lambda folder: _scan(folder, home), _SCANNED)
        return dict(zip(_SCANNED, answers, strict=True))


def _scan(folder: str, home: Path) -> set[Finding]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "checkov.main", "-d", folder, "--external-checks-dir", "policies"),
            *("--framework", "terraform", "--skip-download", "--output", "json"),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "HOME": str(home), "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert answer["summary"]["parsing_errors"] == 0
    assert answer["summary"]["resource_count"] > 5
    return {_finding(folder, failed) for failed in answer["results"]["failed_checks"]}


def _finding(folder: str, failed: dict[str, str]) -> Finding:
    file = (REPOSITORY / folder / failed["file_path"].lstrip("/")).resolve()
    block = ".".join(failed["resource"].split("[")[0].split(".")[-2:])
    return failed["check_id"], f"{file.parent.relative_to(REPOSITORY / 'modules')}: {block}"


def test_every_finding_is_accepted_with_a_reason(found: dict[str, set[Finding]]) -> None:
    accepted = {(entry["check"], entry["block"]) for entry in _ACCEPTED}
    assert set().union(*found.values()) == accepted
    assert all(len(entry["reason"]) > 30 for entry in _ACCEPTED)


def test_none_of_our_own_policies_is_among_them() -> None:
    assert not [entry for entry in _ACCEPTED if entry["check"].startswith("CKV_AIC")]
