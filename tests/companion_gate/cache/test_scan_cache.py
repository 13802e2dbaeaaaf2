"""A kept scan is given back only where Checkov and the policies would say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aic_engine.rule import Finding, Severity, Verdict
from companion_gate.cache.scans import ScanCache
from companion_gate.cache.store import ContentCache
from companion_gate.checkov.scan import FolderScan, Skip

FINDING = Finding(
    rule_id="CKV_AIC_MEM_001",
    name="memory-ttl-enabled",
    severity=Severity.HIGH,
    title="Memories expire",
    verdict=Verdict.PASS,
    resource_type="aws_dynamodb_table",
    address="aws_dynamodb_table.memory",
    block="aws_dynamodb_table.memory",
    path="ttl[0].enabled",
    expected="true",
    actual="true",
    cure="",
    file="/x/main.tf",
    line=3,
    root="/x",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "stack/main.tf": 'module "memory" {\n  source = "../memory"\n}\n',
        "stack/nested/main.tf": 'module "far" {\n  source = "../../far"\n}\n',
        "memory/main.tf": "locals {}\n",
        "far/main.tf": "locals {}\n",
        "policies/checkov_checks.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "stack"


@pytest.fixture
def cache(tmp_path: Path) -> ScanCache:
    return ScanCache(ContentCache(tmp_path / "cache"), tmp_path / "policies")


def scanned(folder: Path) -> FolderScan:
    return FolderScan(folder, [FINDING], [Skip("CKV_AIC_MEM_001", "aws_x.y", folder / "main.tf", 7)])


def test_a_scan_comes_back_whole(folder: Path, cache: ScanCache) -> None:
    assert cache.get(folder) is None
    cache.put(scanned(folder))
    assert cache.get(folder) == replace(scanned(folder), kept=True)
    assert cache.get(folder.parent / "memory") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda stack: (stack / "main.tf").open("a").write("\n"),
        lambda stack: (stack / "nested" / "more.tfvars").write_text("a = 1"),
        lambda stack: (stack / "../memory/main.tf").open("a").write("\n"),
        lambda stack: (stack / "../far/main.tf").open("a").write("\n"),
        lambda stack: (stack / "../policies/new_policy.py").write_text(""),
    ],
    ids=["its file", "a file below", "a module", "a module of a folder below", "a policy"],
)
def test_any_change_of_what_checkov_reads_scans_again(
    folder: Path, cache: ScanCache, change: Callable[[Path], object]
) -> None:
    cache.put(scanned(folder))
    change(folder)
    assert cache.get(folder) is None


def test_an_incomplete_scan_is_not_kept(folder: Path, cache: ScanCache) -> None:
    incomplete = scanned(folder)
    incomplete.faults.append("main.tf: cannot be parsed by Checkov")
    cache.put(incomplete)
    assert cache.get(folder) is None


def test_a_folder_that_cannot_be_read_is_left_to_the_scan(folder: Path, cache: ScanCache) -> None:
    cache.put(scanned(folder))
    (folder / "nested" / "main.tf").write_text("module {")
    assert cache.get(folder) is None
    cache.put(scanned(folder))
    assert cache.get(folder) is None
