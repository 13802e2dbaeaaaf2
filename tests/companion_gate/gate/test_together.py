"""README examples are planned in one go, and each is judged as if it had been alone."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.companion_gate.gate.running import GateResult, run_gate, table, write_tree

README = """# {name}

## One

```hcl
module "{name}" {{
  source = "./modules/{name}"
  name   = "{value}"
}}
```

## Two

```hcl
module "{name}" {{
  source = "./modules/{name}"
  name   = "{name}-two"
}}
```
"""
INPUT = """
variable "name" {
  type = string

  validation {
    condition     = length(var.name) > 3
    error_message = "too short"
  }
}
"""


def module(name: str, value: str) -> dict[str, str]:
    folder = f"modules/{name}"
    text = INPUT + table().replace('name         = "memory"', "name         = var.name")
    return {f"{folder}/main.tf": text, f"{folder}/README.md": README.format(name=name, value=value)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {**module("good", "long enough"), **module("bad", "no"), **module("unsafe", "long enough")}
    files["modules/unsafe/main.tf"] += 'data "external" "e" {\n  program = ["id"]\n}\n'
    return write_tree(tmp_path_factory.mktemp("together"), files)


@pytest.fixture(scope="module")
def result(folder: Path) -> GateResult:
    return run_gate(folder, "--stack", "modules", "-k", "plans or memory-ttl", "--no-gate-cache")


def test_each_example_is_judged_by_itself(result: GateResult) -> None:
    plans = {item: word for item, word in result.verdicts.items() if item.endswith("::plans")}
    assert plans == {
        "modules/bad::plan[one]::plans": "FAILED",
        "modules/bad::plan[two]::plans": "PASSED",
        "modules/good::plan[one]::plans": "PASSED",
        "modules/good::plan[two]::plans": "PASSED",
        "modules/unsafe::plan[one]::plans": "FAILED",
        "modules/unsafe::plan[two]::plans": "FAILED",
    }
    assert result.verdicts["modules/bad::plan[two]::memory-ttl-enabled"] == "PASSED"


def test_a_refusal_names_the_line_of_the_readme(result: GateResult) -> None:
    reason = result.reason("modules/bad::plan[one]::plans")
    assert re.search(r"terraform plan failed: modules/bad/README\.md:8: Invalid value for variable: too short", reason)
    assert "Terraform was not started" in result.reason("modules/unsafe::plan[one]::plans")


def test_the_first_question_makes_the_plans_of_all_examples(folder: Path) -> None:
    result = run_gate(folder, "--stack", "modules/good", "-k", "plans", "--junitxml", "report.xml", "--no-gate-cache")
    assert result.code == 0, result.output
    cases = ElementTree.parse(folder / "report.xml").iter("testcase")  # noqa: S314 - our own file
    first, second = (float(case.attrib["time"]) for case in cases)
    assert second < first / 10


def test_only_what_was_selected_is_planned(folder: Path) -> None:
    result = run_gate(folder, "modules/good::plan[two]::plans", "modules/bad::plan[two]::plans", "-x")
    assert result.code == 0, result.output
    assert set(result.verdicts.values()) == {"PASSED"}


def test_workers_give_the_same_verdict(folder: Path, result: GateResult) -> None:
    workers = run_gate(folder, "--stack", "modules", "-k", "plans or memory-ttl", "-n", "2", "--no-gate-cache")
    assert workers.verdicts == result.verdicts
