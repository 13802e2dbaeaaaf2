"""Runs the gate as its users do: ``pytest --stack …`` in a process of its own, in a folder that knows nothing of us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_ITEM = re.compile(r"^(\S+::\S+) (PASSED|FAILED|NOT APPLICABLE|LEFT TO THE PLAN|WAIVED|NOT DECIDED) ", re.MULTILINE)
_XDIST_ITEM = re.compile(
    r"^\[gw\d\] \[ *\d+%\] (PASSED|FAILED|NOT APPLICABLE|LEFT TO THE PLAN|WAIVED|NOT DECIDED) (\S+::\S+)", re.MULTILINE
)
_HEADER = re.compile(r"^(?:_+ (\S+) _+|=+ .+ =+)$", re.MULTILINE)

PROVIDER = 'provider "aws" {\n  region = "eu-central-1"\n}\n'


def table(name: str = "memory", *, first: str = "", ttl: str = "true", pitr: str = "true", key: str = "S") -> str:
    """A DynamoDB table that every policy likes, unless a part of it is given otherwise; ``first`` is its first line."""
    return f"""
resource "aws_dynamodb_table" "{name}" {{
{first}
  name         = "{name}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "user_id"
  deletion_protection_enabled = true
  attribute {{
    name = "user_id"
    type = "{key}"
  }}

  ttl {{
    attribute_name = "expires_at"
    enabled        = {ttl}
  }}

  point_in_time_recovery {{
    enabled = {pitr}
  }}
}}
"""


@dataclass(frozen=True)
class GateResult:
    """What the user of one run sees: exit code, and everything that was printed."""

    code: int
    output: str

    @property
    def verdicts(self) -> dict[str, str]:
        """Item id -> PASSED, FAILED, NOT APPLICABLE, LEFT TO THE PLAN, WAIVED or NOT DECIDED (which fails the run)."""
        alone = dict(_ITEM.findall(self.output))
        return alone | {item: word for word, item in _XDIST_ITEM.findall(self.output)}

    @property
    def failed(self) -> set[str]:
        """What made the run fail."""
        return {item for item, word in self.verdicts.items() if word in ("FAILED", "NOT DECIDED")}

    def reason(self, item: str) -> str:
        """What is printed under the heading of a failed item."""
        headers = list(_HEADER.finditer(self.output))
        for header, following in pairwise(headers):
            if header[1] == item:
                return self.output[header.end() : following.start()].strip()
        raise AssertionError(f"{item} has no reason in:\n{self.output}")


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by relative path; gives the folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def gate_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-v", *arguments]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what the outer pytest put into it."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**outer, **(changes or {})}


def run_gate(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> GateResult:
    """``pytest -v`` with the arguments, in a folder. Whatever is wrong, nobody shall read a traceback."""
    done = subprocess.run(
        gate_command(*arguments),
        cwd=folder,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    output = done.stdout + done.stderr
    assert "Traceback" not in output, output
    assert "INTERNALERROR" not in output, output
    return GateResult(done.returncode, output)
