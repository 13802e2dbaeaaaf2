"""What one run found answers for the next only where nothing changed, and never for what was not checked."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from .running import PROVIDER, GateResult, run_gate, table, write_tree

KEPT = "made by an earlier run of the same files: 2 of 2 scans and plans"
SECRET = "hunter2-and-more"
WITH_A_SECRET = """
variable "token" {
  type      = string
  sensitive = true
}

resource "aws_ssm_parameter" "token" {
  name  = "token"
  type  = "SecureString"
  value = var.token
}
"""


@dataclass(frozen=True)
class World:
    """A root that calls a module beside it, a cache, and a Terraform that writes down what it is asked."""

    folder: Path
    env: dict[str, str]

    def gate(self, *arguments: str, env: dict[str, str] | None = None) -> GateResult:
        (self.folder / "asked").write_text("")
        return run_gate(self.folder, "--stack", "infra", *arguments, env={**self.env, **(env or {})})

    @property
    def asked(self) -> list[str]:
        """Terraform's commands in the last run, without the question for its version."""
        commands = [line.split()[0] for line in (self.folder / "asked").read_text().splitlines()]
        return [command for command in commands if command != "version"]

    @property
    def kept(self) -> list[Path]:
        return [path for path in (self.folder / "cache").rglob("*") if path.is_file() and path.parent.name == "entries"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    write_tree(
        tmp_path,
        {
            "infra/main.tf": PROVIDER + 'module "memory" {\n  source = "../memory"\n}\n',
            "memory/main.tf": table(),
        },
    )
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexec {shutil.which("terraform")} "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return World(tmp_path, {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": path})


def test_nothing_changed_asks_neither_terraform_nor_checkov_again(world: World) -> None:
    first = world.gate()
    assert first.code == 0, first.output
    assert "plan" in world.asked
    assert "earlier run" not in first.output
    second = world.gate()
    assert second.verdicts == first.verdicts
    assert world.asked == []
    assert KEPT in second.output


def test_a_change_in_a_module_is_seen_and_taken_back(world: World) -> None:
    assert world.gate().code == 0
    write_tree(world.folder, {"memory/main.tf": table(pitr="false")})
    changed = world.gate()
    assert changed.code == 1
    assert changed.failed == {"infra::hcl::memory-pitr-enabled", "infra::plan::memory-pitr-enabled"}
    again = world.gate()
    assert again.verdicts == changed.verdicts
    assert KEPT in again.output
    assert "memory/main.tf:19: enabled = false" in again.reason("infra::plan::memory-pitr-enabled")
    write_tree(world.folder, {"memory/main.tf": table()})
    assert world.gate().code == 0


@pytest.mark.parametrize(
    "poison",
    [b"", b"{}", b'{"findings": [], "skips": []}', b"\x00" * 4096],
    ids=["nothing", "no entry", "a clean scan", "zeros"],
)
def test_a_poisoned_cache_changes_no_verdict(world: World, poison: bytes) -> None:
    write_tree(world.folder, {"memory/main.tf": table(pitr="false")})
    first = world.gate()
    assert first.failed == {"infra::hcl::memory-pitr-enabled", "infra::plan::memory-pitr-enabled"}, first.output
    assert {entry.name.split("-")[0] for entry in world.kept} == {"scan", "closure", "plan"}
    for entry in world.kept:
        entry.write_bytes(poison)
    second = world.gate()
    assert second.verdicts == first.verdicts
    assert "earlier run" not in second.output


def test_entries_that_were_exchanged_are_not_believed(world: World) -> None:
    assert world.gate().code == 0
    good = {entry.name: entry.read_bytes() for entry in world.kept}
    write_tree(world.folder, {"memory/main.tf": table(pitr="false")})
    bad = world.gate()
    for entry in world.kept:
        kind = entry.name.split("-")[0]
        entry.write_bytes(next(content for name, content in good.items() if name.split("-")[0] == kind))
    assert world.gate().verdicts == bad.verdicts


def test_no_secret_is_written(world: World) -> None:
    write_tree(world.folder, {"infra/secret.tf": WITH_A_SECRET})
    for _ in range(2):
        result = world.gate(env={"TF_VAR_token": SECRET})
        assert result.code == 0, result.output
        assert "plan" in world.asked
    assert world.kept
    assert not [path for path in world.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_other_values_of_variables_are_planned_anew(world: World) -> None:
    variable = 'variable "name" {\n  type    = string\n  default = "a"\n}\noutput "name" {\n  value = var.name\n}\n'
    write_tree(world.folder, {"infra/variable.tf": variable})
    world.gate()
    world.gate(env={"TF_VAR_name": "b"})
    assert "plan" in world.asked
    world.gate(env={"TF_VAR_name": "b"})
    assert world.asked == []


def test_it_can_be_switched_off_and_cleared(world: World) -> None:
    world.gate("--no-gate-cache")
    assert world.kept == []
    world.gate()
    assert "earlier run" not in world.gate("--no-gate-cache").output
    cleared = world.gate("--cache-clear")
    assert "earlier run" not in cleared.output
    assert "plan" in world.asked


def test_workers_share_one_plan(world: World) -> None:
    result = world.gate("-n", "2")
    assert result.code == 0, result.output
    assert world.asked.count("plan") == 1


OWN_TEST = """
def test_of_a_team(plan, plan_cases):
    assert plan("infra")["module.memory.aws_dynamodb_table.memory"]["ttl[0].enabled"] == True
    cases = plan_cases("sized", {"a": {"days": 1}, "b": {"days": 35}, "c": {"days": 99}})
    assert cases["b"]["aws_dynamodb_table.memory"]["point_in_time_recovery[0].recovery_period_in_days"] == 35
    assert cases.refusals("c")
"""
DAYS = 'variable "days" {\n  type = number\n}\n'


def test_a_teams_own_plans_are_kept_but_no_refusal_is(world: World) -> None:
    sized = DAYS + table().replace(
        "enabled = true\n  }\n}", "enabled = true\n    recovery_period_in_days = var.days\n  }\n}"
    )
    write_tree(world.folder, {"test_own.py": OWN_TEST, "sized/main.tf": sized})
    for planned in (2, 1):
        (world.folder / "asked").write_text("")
        result = run_gate(world.folder, "test_own.py", env=world.env)
        assert result.code == 0, result.output
        assert "show" in world.asked or planned == 1
    assert world.asked.count("show") == 0
    assert world.asked.count("plan") >= 1
