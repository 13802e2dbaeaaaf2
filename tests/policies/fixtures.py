"""Fixtures of the policies: Terraform with the expected verdict above each block.

``# CKV_AIC_MEM_001: pass`` holds for HCL and plan; ``# CKV_AIC_MEM_001: hcl unknown, plan fail`` says each. The verdict
of a block on a plan is the worst of its instances; a block without instances is not applicable there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aic_engine.rule import Finding, Verdict, most_severe

FOLDER = Path(__file__).with_name("fixtures")
_MARKER = re.compile(r"^# (CKV_AIC_\w+): (.+)\nresource \"(\w+)\" \"(\w+)\"", re.MULTILINE)


@dataclass(frozen=True)
class Expectation:
    fixture: str
    rule_id: str
    block: str
    on_hcl: Verdict
    on_plan: Verdict

    def __str__(self) -> str:
        return f"{self.fixture}-{self.block}"


def expectations() -> list[Expectation]:
    found = []
    for file in sorted(FOLDER.glob("*/main.tf")):
        for rule_id, text, type_, name in _MARKER.findall(file.read_text(encoding="utf-8")):
            on_hcl, on_plan = _verdicts(text)
            found.append(Expectation(file.parent.name, rule_id, f"{type_}.{name}", on_hcl, on_plan))
    return found


def folders() -> list[Path]:
    return sorted(path.parent for path in FOLDER.glob("*/main.tf"))


def verdict_of(findings: Iterable[Finding], rule_id: str, block: str) -> Verdict:
    mine = [finding for finding in findings if finding.rule_id == rule_id and finding.block == block]
    return most_severe(mine).verdict if mine else Verdict.NOT_APPLICABLE


def _verdicts(text: str) -> tuple[Verdict, Verdict]:
    if not text.startswith("hcl "):
        return Verdict(text), Verdict(text)
    on_hcl, on_plan = text.removeprefix("hcl ").split(", plan ")
    return Verdict(on_hcl), Verdict(on_plan)
