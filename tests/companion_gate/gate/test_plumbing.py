"""A Checkov that ends early, says nothing or overlooks something is never a pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aic_engine.loader import load_rules
from companion_gate import POLICIES_FOLDER
from companion_gate.checkov.scan import WORKER
from tests.companion_gate.gate.running import GateResult, run_gate, table, write_tree

CONFTEST = """
from pathlib import Path

from companion_gate.checkov import scan

scan.WORKER = Path(__file__).with_name("worker.py")
"""

HEAD = """
import json, os, runpy, sys
from pathlib import Path

request = json.loads(Path(sys.argv[1]).read_text())
answer, receipt = Path(request["answer"]), Path(os.environ["COMPANION_GATE_RECEIPT"])
"""

LOADED = json.dumps({"loaded": [rule.id for rule in load_rules(POLICIES_FOLDER)]})

SAYS_NOTHING_OF_THE_FOLDER = f"""
receipt.write_text({LOADED!r})
answer.write_text('{{"folders": []}}')
"""

LOADS_ONE_POLICY_LESS = f"""
receipt.write_text(json.dumps({{"loaded": {LOADED}["loaded"][1:]}}))
answer.write_text('{{"folders": []}}')
"""

OVERLOOKS_A_BLOCK = f"""
runpy.run_path({str(WORKER)!r}, run_name="__main__")
entries = [json.loads(line) for line in receipt.read_text().splitlines()]
for entry in entries:
    if "findings" in entry:
        entry["findings"] = [each for each in entry["findings"] if each["block"] != "aws_dynamodb_table.archive"]
receipt.write_text("".join(json.dumps(entry) + chr(10) for entry in entries))
"""


def gate_with(worker: str, folder: Path) -> GateResult:
    """The gate on two tables, with this program in the place of the one that runs Checkov."""
    files = {"infra/main.tf": table() + table("archive"), "conftest.py": CONFTEST, "worker.py": HEAD + worker}
    return run_gate(write_tree(folder, files), "--stack", "infra", "-k", "hcl")


@pytest.mark.parametrize(
    ("worker", "sentence"),
    [
        ("", "Checkov stopped with exit code 0: no output"),
        ("sys.exit('out of memory')", "Checkov stopped with exit code 1: out of memory"),
        ("answer.touch()", "Checkov ended without an answer"),
        (SAYS_NOTHING_OF_THE_FOLDER, "Checkov said nothing about "),
        (LOADS_ONE_POLICY_LESS, "Checkov loaded other policies than the gate: CKV_AIC_EDGE_001 in "),
    ],
    ids=["silent", "broken", "empty", "no-folder", "one-less"],
)
def test_checkov_that_does_not_answer_leaves_nothing_decided(tmp_path: Path, worker: str, sentence: str) -> None:
    result = gate_with(worker, tmp_path)
    assert result.code == 1
    assert sentence in result.reason("infra::hcl::scan-complete")
    policies = {item: word for item, word in result.verdicts.items() if item != "infra::hcl::scan-complete"}
    assert result.verdicts["infra::hcl::scan-complete"] == "FAILED"
    assert set(policies.values()) == {"NOT DECIDED"}
    assert f"{len(policies)} not decided: there is no scan; infra::hcl::scan-complete says why\n" in result.output


def test_block_that_checkov_overlooks_is_red(tmp_path: Path) -> None:
    result = gate_with(OVERLOOKS_A_BLOCK, tmp_path)
    assert result.code == 1
    reason = result.reason("infra::hcl::scan-complete")
    for rule in ("CKV_AIC_MEM_001", "CKV_AIC_MEM_002"):
        assert f"infra/main.tf:23: aws_dynamodb_table.archive was not shown to {rule} by Checkov" in reason
    assert "aws_dynamodb_table.memory" not in reason
    assert result.verdicts["infra::hcl::memory-ttl-enabled"] == "NOT DECIDED"
