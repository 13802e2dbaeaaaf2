"""``companion-gate diff`` in a git repository, as a pull request uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.companion_gate.gate.running import PROVIDER, environment, run_gate, table, write_tree

PLAN = Path(__file__).parents[3] / "tests/policies/plan/plan.json"
WEAKER = table().replace("enabled        = true", "enabled        = false")


@dataclass(frozen=True)
class Repository:
    """A git repository with a safe stack as its only commit."""

    folder: Path

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, **files: str) -> None:
        write_tree(self.folder, files)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "change")

    def diff(self, *arguments: str, summary: Path | None = None) -> subprocess.CompletedProcess[str]:
        env = environment({"GITHUB_STEP_SUMMARY": str(summary)} if summary else None)
        command = [sys.executable, "-m", "companion_gate", "diff", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=300
        )
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.git("init", "--quiet")
    made.commit(**{"infra/prod/main.tf": PROVIDER + table()})
    return made


def waiver(policy: str) -> str:
    fields = {"policy": policy, "stack": "infra/prod", "address": "aws_dynamodb_table.memory", "owner": "platform"}
    told = {**fields, "reason": "Moved.", "ticket": "OPS-1"}
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    return "\n".join(["[[waiver]]", *lines, f"expires = {date.today() + timedelta(days=30)}", ""])


def test_weaker_work_tree_needs_a_waiver_that_is_new(repository: Repository, tmp_path: Path) -> None:
    write_tree(repository.folder, {"infra/prod/main.tf": PROVIDER + WEAKER})
    summary = tmp_path / "summary.md"
    done = repository.diff("HEAD", "--stack", "infra/prod", summary=summary)
    assert done.returncode == 1
    assert "memories expire: true → false (aws_dynamodb_table.memory)" in done.stdout
    assert "policy = 'drift:memory-ttl', address = 'aws_dynamodb_table.memory'" in done.stdout
    assert "| infra/prod | memories expire | true | false |" in summary.read_text(encoding="utf-8")

    waivers = waiver("drift:memory-ttl") + waiver("drift:memory-ttl-enabled")
    write_tree(repository.folder, {"companion-waivers.toml": waivers})
    assert repository.diff("HEAD", "--stack", "infra/prod").returncode == 0

    # Committed with another change, it answers for that one and for none that comes later.
    write_tree(repository.folder, {"infra/prod/main.tf": PROVIDER + table()})
    repository.commit()
    write_tree(repository.folder, {"infra/prod/main.tf": PROVIDER + WEAKER})
    assert repository.diff("HEAD", "--stack", "infra/prod").returncode == 1


def test_two_refs_leave_the_repository_alone(repository: Repository) -> None:
    repository.commit(**{"infra/prod/main.tf": PROVIDER + WEAKER})
    hook = repository.folder / ".git/hooks/post-index-change"
    hook.write_text("#!/bin/sh\ntouch hooked\n", encoding="utf-8")
    hook.chmod(0o755)
    before = (
        repository.git("--no-optional-locks", "status", "--porcelain", "--ignored"),
        (repository.folder / ".git/index").read_bytes(),
    )
    done = repository.diff("HEAD~1", "HEAD", "--stack", "infra/prod", "--format", "json")
    assert done.returncode == 1
    found = {change["id"]: change["direction"] for change in json.loads(done.stdout)["changes"]}
    assert found == {
        "drift:memory-ttl": "weaker",
        "drift:memory-ttl-enabled": "weaker",
        # Without TTL it has nothing to say any more.
        "drift:memory-ttl-attribute-free": "neutral",
    }
    back = repository.diff("HEAD", "HEAD~1", "--stack", "infra/prod", "--format", "markdown")
    assert back.returncode == 0
    assert "### Stronger" in back.stdout
    after = (
        repository.git("--no-optional-locks", "status", "--porcelain", "--ignored"),
        (repository.folder / ".git/index").read_bytes(),
    )
    assert after == before


def test_new_stack_is_judged_and_not_compared(repository: Repository) -> None:
    write_tree(repository.folder, {"infra/new/main.tf": PROVIDER + table()})
    done = repository.diff("HEAD", "--stack", "infra/new")
    assert done.returncode == 0
    assert done.stdout == "Weaker: none\nStronger: none\nNeither: none\n"
    assert done.stderr == "companion-gate: HEAD has no infra/new: nothing to compare, judge it\n"


def test_two_plans_of_real_terraform(repository: Repository) -> None:
    plan = json.loads(PLAN.read_text(encoding="utf-8"))
    tables = [each for each in plan["resource_changes"] if each["type"] == "aws_dynamodb_table"]
    write_tree(repository.folder, {"before.json": json.dumps(plan)})
    tables[0]["change"]["after"]["ttl"][0]["enabled"] = False
    write_tree(repository.folder, {"after.json": json.dumps(plan)})
    assert repository.diff("before.json", "before.json").stdout == "Weaker: none\nStronger: none\nNeither: none\n"
    done = repository.diff("before.json", "after.json")
    assert done.returncode == 1
    assert f"memories expire: true → false ({tables[0]['address']})" in done.stdout


def test_waiver_of_a_change_is_no_waiver_of_the_gate(repository: Repository) -> None:
    """It neither fails the gate as unused, nor covers what a policy finds."""
    write_tree(repository.folder, {"companion-waivers.toml": waiver("drift:memory-ttl-enabled")})
    assert run_gate(repository.folder, "--stack", "infra/prod").code == 0
    write_tree(repository.folder, {"infra/prod/main.tf": PROVIDER + WEAKER})
    assert "infra/prod::plan::memory-ttl-enabled" in run_gate(repository.folder, "--stack", "infra/prod").failed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere", "--stack", "infra/prod"), "git rev-parse nowhere^{commit}: fatal: Needed a single revision"),
        (("HEAD",), "say which Terraform roots to compare: --stack infra/prod"),
        (("HEAD", "--stack", "infra/none"), "--stack infra/none: neither side has such a folder"),
        (("plan.json", "plan.json"), "plan.json is no Terraform plan in JSON"),
        (("plan.json", "HEAD"), "plan.json is a plan; name another plan to compare it with"),
    ],
)
def test_what_cannot_be_compared_is_said(repository: Repository, arguments: tuple[str, ...], sentence: str) -> None:
    write_tree(repository.folder, {"plan.json": "[]"})
    done = repository.diff(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
