"""The fixtures of a team's own tests."""

from __future__ import annotations

from pathlib import Path

from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree

OUTPUT = 'output "name" {\n  value = aws_dynamodb_table.memory.name\n}\n'
TESTS = """
def tables(aws):
    return aws.client("dynamodb", "eu-central-1").list_tables()["TableNames"]


def test_graph(graph):
    (table,) = graph("infra").of_type("aws_dynamodb_table")
    assert table.get("ttl[0].enabled").value is True


def test_apply(apply, aws):
    deployed = apply("infra")
    assert deployed.outputs() == {"name": "memory"}
    assert deployed.changes() == []
    assert tables(aws) == ["memory"]


def test_what_was_applied_is_gone(aws):
    assert tables(aws) == []
"""


def test_a_team_uses_them(tmp_path: Path) -> None:
    # Deletion protection would keep the table, here as in AWS.
    stack = (PROVIDER + table()).replace("deletion_protection_enabled = true", "deletion_protection_enabled = false")
    write_tree(tmp_path, {"infra/main.tf": stack + OUTPUT, "test_team.py": TESTS})
    result = run_gate(tmp_path, "test_team.py")
    assert result.code == 0, result.output
    assert "companion-gate: applying infra" in result.output


def test_they_are_listed_with_what_they_give(tmp_path: Path) -> None:
    listed = run_gate(tmp_path, "--fixtures").output
    for name in ("aws", "plan", "plan_cases", "graph", "apply"):
        entry = listed.partition(f"\n{name}")[2]
        assert "companion_gate/fixtures.py" in entry.partition("\n")[0]
        assert entry.splitlines()[1].strip()


def test_long_work_is_told_unless_it_shall_be_quiet(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table()})
    loud = run_gate(tmp_path, "--stack", "infra")
    assert "companion-gate: scanning with Checkov: infra\n" in loud.output
    assert "companion-gate: planning infra\n" in loud.output
    quiet = run_gate(tmp_path, "--stack", "infra", "-qq", "--no-gate-cache")
    assert "planning infra" not in quiet.output
