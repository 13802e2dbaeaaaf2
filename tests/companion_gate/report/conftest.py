"""One run of the gate with everything that a report has to tell of."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.companion_gate.gate.running import PROVIDER, GateResult, run_gate, table, write_tree

HOSTILE = "</script><img src=x onerror=alert(1)>"
SECRET = "hunter2hunter2"
EXPIRES = date.today() + timedelta(days=10)

GUARDRAIL = f"""
resource "aws_bedrock_guardrail" "companion" {{
  name                      = "companion"
  blocked_input_messaging   = "{HOSTILE}"
  blocked_outputs_messaging = "No."
  content_policy_config {{
    filters_config {{
      type            = "SEXUAL"
      input_strength  = "LOW"
      output_strength = "HIGH"
    }}
  }}
}}
"""
WAIVER = f"""
[[waiver]]
policy  = "memory-pitr-enabled"
stack   = "infra/prod"
address = "aws_dynamodb_table.memory"
owner   = "platform"
reason  = "Restored from exports."
ticket  = "OPS-12"
expires = {EXPIRES}
"""
FILES = {
    "infra/prod/main.tf": PROVIDER + table(ttl=f'false # api_token = "{SECRET}"', pitr="false") + GUARDRAIL,
    "infra/good/main.tf": PROVIDER + table(),
    "infra/also/main.tf": PROVIDER + GUARDRAIL,
    "infra/broken/main.tf": "resource {\n",
    "companion-waivers.toml": WAIVER,
}


@dataclass(frozen=True)
class Reported:
    """A finished run, and the folder with its reports."""

    folder: Path
    result: GateResult

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    folder = write_tree(tmp_path_factory.mktemp("reported"), FILES)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    reports = [f"--gate-report=out/gate{suffix}" for suffix in (".html", ".json", ".sarif", ".md")]
    on_github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "GITHUB_SHA": "0" * 40}
    result = run_gate(folder, "--stack", "infra", *reports, "--junitxml", "out/gate.xml", env=on_github)
    return Reported(folder, result)
