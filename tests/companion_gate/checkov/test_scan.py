"""The gate's own use of Checkov: whatever Checkov leaves out or lets through silently is a fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aic_engine.rule import Rule, Verdict
from companion_gate import POLICIES_FOLDER
from companion_gate.checkov.scan import FolderScan, configuration_in, scan
from companion_gate.errors import GateError

TABLE = """resource "aws_dynamodb_table" "memory" {
  point_in_time_recovery {
    enabled = true
  }
}
"""
SKIPPED = TABLE.replace("{\n  point", "{\n  # checkov:skip=CKV_AIC_MEM_001:we keep all\n  point", 1)
ROOTS = {
    "plain": {"main.tf": TABLE},
    "again": {"main.tf": TABLE.replace("true", "false")},
    "skipped": {"main.tf": SKIPPED},
    "unreadable": {"main.tf": TABLE, "number.tf": "locals {\n  a = 1e3\n}\n"},
    "through_a_module": {
        "main.tf": 'module "m" {\n  source = "./m"\n  on     = false\n}\n',
        "m/main.tf": 'variable "on" {\n  default = true\n}\n' + TABLE.replace("true", "var.on"),
    },
}


@pytest.fixture(scope="module")
def scans(rules: tuple[Rule, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, FolderScan]:
    top = tmp_path_factory.mktemp("roots")
    for root, files in ROOTS.items():
        for name, text in files.items():
            (top / root / name).parent.mkdir(parents=True, exist_ok=True)
            (top / root / name).write_text(text, encoding="utf-8")
    found, seconds = scan([top / root for root in ROOTS], POLICIES_FOLDER, rules)
    assert seconds > 0
    return {folder.name: result for folder, result in found.items()}


def verdicts(result: FolderScan) -> dict[tuple[str, str], Verdict]:
    return {(finding.rule_id, finding.address): finding.verdict for finding in result.findings}


def test_each_folder_has_its_own_findings(scans: dict[str, FolderScan]) -> None:
    address = "aws_dynamodb_table.memory"
    assert verdicts(scans["plain"])[("CKV_AIC_MEM_002", address)] is Verdict.PASS
    assert verdicts(scans["again"])[("CKV_AIC_MEM_002", address)] is Verdict.FAIL
    assert verdicts(scans["through_a_module"])[("CKV_AIC_MEM_002", f"module.m.{address}")] is Verdict.FAIL
    assert [scans[name].faults for name in ("plain", "again", "through_a_module")] == [[], [], []]


def test_a_skip_comment_is_reported(scans: dict[str, FolderScan]) -> None:
    (skip,) = scans["skipped"].skips
    assert (skip.rule_id, skip.resource) == ("CKV_AIC_MEM_001", "aws_dynamodb_table.memory")


def test_a_file_that_checkov_cannot_parse_is_a_fault(scans: dict[str, FolderScan]) -> None:
    """Terraform reads 1e3; Checkov's parser does not, and leaves the file out."""
    assert any("number.tf" in fault for fault in scans["unreadable"].faults)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        # Checkov then loads nothing of the folder, without a word.
        ("__init__.py", "it loaded none of them"),
        ("checkov_checks.py", "it loaded none of them"),
        ("memory/memory_ttl_enabled.py", r"memory_ttl_enabled\.py does not import"),
    ],
)
def test_policies_that_checkov_does_not_load_end_the_scan(
    name: str, reason: str, rules: tuple[Rule, ...], tmp_path: Path
) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(POLICIES_FOLDER, policies)
    (policies / name).unlink()
    if name.startswith("memory/"):
        (policies / name).write_text("import nowhere_at_all\n", encoding="utf-8")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "main.tf").write_text(TABLE, encoding="utf-8")
    with pytest.raises(GateError, match=f"did not load the policies in .*{reason}"):
        scan([tmp_path / "root"], policies, rules)


def test_other_policies_than_the_gate_has_end_the_scan(rules: tuple[Rule, ...], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TABLE, encoding="utf-8")
    with pytest.raises(GateError, match=f"other policies than the gate: {rules[-1].id}"):
        scan([tmp_path], POLICIES_FOLDER, rules[:-1])


@pytest.mark.parametrize("name", [".checkov.yaml", ".checkov.yml"])
def test_checkov_configuration_is_seen(name: str, tmp_path: Path) -> None:
    assert configuration_in(tmp_path) == []
    (tmp_path / name).touch()
    assert configuration_in(tmp_path) == [tmp_path / name]
