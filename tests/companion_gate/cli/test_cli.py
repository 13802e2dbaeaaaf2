"""The command, as a person at a terminal uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from companion_gate import POLICIES_FOLDER
from companion_gate.gate.run import load_policies
from tests.companion_gate.gate.running import PROVIDER, environment, table, write_tree

LATER = str(date.today() + timedelta(days=60))
GUARDRAIL = """
resource "aws_bedrock_guardrail" "companion" {
  name                      = "companion"
  blocked_input_messaging   = "No."
  blocked_outputs_messaging = "No."
}
"""


def call(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "companion_gate", *arguments],
        cwd=folder,
        env=environment(env),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def test_help_teaches(tmp_path: Path) -> None:
    text = call(tmp_path, "--help").stdout
    for verb in ("check", "policies", "diff", "waive", "mutate", "serve", "report", "doctor"):
        assert f"\n    {verb} " in text
        assert call(tmp_path, verb, "--help").returncode == 0
    assert "companion-gate check infra/prod" in text


def test_doctor_tells_of_each_thing(tmp_path: Path) -> None:
    done = call(tmp_path, "doctor")
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "policies",
        "Checkov",
        "Terraform",
        "AWS provider",
    ]


def test_policies_can_be_listed_and_read(tmp_path: Path) -> None:
    rules = load_policies(POLICIES_FOLDER)
    listed = call(tmp_path, "policies").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == [rule.id for rule in rules]
    assert 0 < len(call(tmp_path, "policies", "--profile", "seed").stdout.splitlines()) < len(rules)
    assert call(tmp_path, "policies", "path").stdout.strip() == str(POLICIES_FOLDER)
    by_name, by_id = (call(tmp_path, "policies", "show", name) for name in ("memory-ttl-enabled", "CKV_AIC_MEM_001"))
    assert by_name.stdout == by_id.stdout
    assert by_name.stdout.startswith("# memory-ttl-enabled\n")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["policies", "show", "nothing"], 1, "there is no policy 'nothing'; companion-gate policies lists them"),
        (["policies", "--profile", "lax"], 1, "lax"),
        (["judge"], 2, "invalid choice: 'judge'"),
        (["mutate", "nowhere"], 1, "nowhere: there is no such folder"),
        (["mutate"], 2, "required: DIR"),
        (["report", "none.json", "--to", "x.html"], 1, "none.json is no JSON report"),
        (["report", "none.json", "--to", "x.pdf"], 1, "must end with one of"),
        (["waive", "nowhere", "--owner", "a", "--ticket", "b", "--expires", LATER], 1, "there is no such folder"),
        (["waive", "x", "--owner", "a", "--ticket", "b", "--expires", "soon"], 1, "write a day as 2026-12-31"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, arguments: list[str], code: int, sentence: str) -> None:
    done = call(tmp_path, *arguments)
    assert done.returncode == code
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) <= (1 if code == 1 else 2)


def test_check_is_the_gate(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table()})
    passed = call(tmp_path, "check", "infra", "--gate-report", "gate.json")
    assert passed.returncode == 0, passed.stdout
    assert "GATE PASSED: 1 stack" in passed.stdout
    assert json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["stacks"] == ["infra"]
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table(ttl="false")})
    assert call(tmp_path, "check", "infra", "-k", "memory-ttl-enabled").returncode == 1


HIJACKERS = {
    "conftest.py": "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    items.clear()\n",
    "pytest.ini": "[pytest]\naddopts = -k nothing --no-header\npythonpath = evil\n",
    "checkov/__init__.py": "raise SystemExit('hijacked')\n",
    "companion_gate/__init__.py": "raise SystemExit('hijacked')\n",
    "evil/rich/__init__.py": "raise SystemExit('hijacked')\n",
    "threading.py": "raise SystemExit('hijacked')\n",
    "sitecustomize.py": "raise SystemExit('hijacked')\n",
}


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "worker"])
def test_repository_cannot_hijack_the_gate(tmp_path: Path, workers: tuple[str, ...]) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table(ttl="false"), **HIJACKERS})
    env = {"PYTEST_ADDOPTS": "-k nothing", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(tmp_path)}
    script = str(Path(sys.executable).with_name("companion-gate"))
    done = subprocess.run(
        [script, "check", "infra", *workers],
        cwd=tmp_path,
        env=environment({**env, "PYTHONPATH": ""}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    assert "hijacked" not in output
    assert "CKV_AIC_MEM_001 memory-ttl-enabled" in output
    assert "GATE FAILED: 2 failed of 1 stack" in output


def test_options_of_pytest_in_the_environment_are_refused_where_they_disarm(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table()})
    command = [sys.executable, "-m", "pytest", "--stack", "infra"]
    for given, code in (("-k parses", 4), ("-qkparses", 4), ("--gate-profile=seed", 4), ("-rap --color=no", 0)):
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**environment(), "PYTEST_ADDOPTS": given},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == code, given
        assert ("PYTEST_ADDOPTS holds" in done.stderr) == (code == 4)


def test_what_is_not_taken_from_the_environment_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table()})
    env = {"TF_CLI_ARGS_plan": "-target=x", "CKV_SKIP_CHECK": "CKV_AIC_MEM_001", "TF_WORKSPACE": "x"}
    done = call(tmp_path, "check", "infra", env=env)
    assert done.returncode == 0, done.stdout
    assert "not taken from the environment: CKV_SKIP_CHECK, TF_CLI_ARGS_plan, TF_WORKSPACE" in done.stdout


def test_debts_are_waived_in_one_go_with_their_last_day(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/old/main.tf": PROVIDER + table(ttl="false", pitr="false") + GUARDRAIL})
    arguments = ("waive", "infra", "--owner", 'the "platform" team', "--ticket", "OPS-1", "--expires", LATER)
    done = call(tmp_path, *arguments)
    assert done.returncode == 1, "what is critical is left"
    assert "not waived, critical: guardrail-version-pinned on aws_bedrock_guardrail.companion" in done.stdout
    assert call(tmp_path, *arguments, "--critical").returncode == 0
    checked = call(tmp_path, "check", "infra")
    assert checked.returncode == 0, checked.stdout
    assert f'until {LATER} (the "platform" team, OPS-1)' in checked.stdout
    # Nothing new is let in.
    write_tree(tmp_path, {"infra/old/new.tf": table("other", ttl="false")})
    assert call(tmp_path, "check", "infra").returncode == 1


def test_every_instance_gets_its_waiver(tmp_path: Path) -> None:
    keyed = (
        table(ttl="false")
        .replace("{\n\n", '{\n  for_each = toset(["a", "b"])\n', 1)
        .replace('"memory"\n  b', "each.key\n  b")
    )
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + keyed})
    done = call(tmp_path, "waive", "infra", "--owner", "a", "--ticket", "b", "--expires", LATER)
    assert done.stdout.startswith("2 waivers"), done.stdout + done.stderr
    checked = call(tmp_path, "check", "infra")
    assert checked.returncode == 0, checked.stdout


def test_what_cannot_be_checked_cannot_be_waived(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": "resource {\n"})
    done = call(tmp_path, "waive", "infra", "--owner", "a", "--ticket", "b", "--expires", LATER)
    assert done.returncode == 1
    assert done.stderr.startswith("companion-gate: infra::parses has to be mended first: infra/main.tf:2:")
    assert not (tmp_path / "companion-waivers.toml").exists()


def test_waivers_that_would_last_too_long_are_not_written(tmp_path: Path) -> None:
    kept = "# ours\n"
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table(ttl="false"), "companion-waivers.toml": kept})
    done = call(tmp_path, "waive", "infra", "--owner", "a", "--ticket", "b", "--expires", "2099-01-01")
    assert done.returncode == 1
    assert "more than 90 days" in done.stderr
    assert (tmp_path / "companion-waivers.toml").read_text(encoding="utf-8") == kept


def test_mutate_says_what_the_gate_would_notice(tmp_path: Path) -> None:
    write_tree(
        tmp_path, {"infra/main.tf": PROVIDER + table() + 'resource "aws_sqs_queue" "turns" {\n  name = "q"\n}\n'}
    )
    done = call(tmp_path, "mutate", "infra", "-v")
    assert done.returncode == 0, done.stdout
    assert "noticed: infra: memory-ttl-enabled: " in done.stdout
    assert "not applicable: infra: queue-outlasts-worker: " in done.stdout
    assert (tmp_path / "infra/main.tf").read_text(encoding="utf-8").count("enabled        = true") == 1
    nothing = write_tree(
        tmp_path / "other", {"main.tf": PROVIDER + 'resource "aws_sns_topic" "t" {\n  name = "t"\n}\n'}
    )
    assert "nothing here can be weakened" in call(nothing, "mutate", ".").stderr


def test_reports_of_shards_become_one(tmp_path: Path) -> None:
    files = {f"infra/{name}/main.tf": PROVIDER + table(ttl=str(name != "c").lower()) for name in "abc"}
    write_tree(tmp_path, files)
    codes = [
        call(tmp_path, "check", "infra", "--shard", f"{k}/2", "--gate-report", f"{k}.json").returncode for k in (1, 2)
    ]
    assert sorted(codes) == [0, 1]
    done = call(tmp_path, "report", "1.json", "2.json", "--to", "all.json", "--to", "all.html")
    assert done.returncode == 1
    merged = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert sorted(merged["stacks"]) == ["infra/a", "infra/b", "infra/c"]
    assert merged["verdict"] == "failed"
    half = call(tmp_path, "report", "1.json", "--to", "half.json")
    assert half.returncode == 1
    assert "the report of shard 2/2 is missing; nobody may have judged its stacks" in half.stderr
    assert not (tmp_path / "half.json").exists()
    twice = call(tmp_path, "report", "1.json", "1.json", "--to", "all.json")
    assert "two reports tell of infra/" in twice.stderr


def test_a_repository_does_not_allow_itself_a_provider(tmp_path: Path) -> None:
    ini = "[pytest]\ngate_providers = hashicorp/random\ngate_stacks = infra\n"
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table() + 'resource "random_pet" "x" {}\n', "pytest.ini": ini})
    own = call(tmp_path, "check", "infra", "-k", "safe-to-plan")
    assert own.returncode == 1
    assert "random_pet.x needs provider registry.terraform.io/hashicorp/random" in own.stdout
    allowed = call(tmp_path, "check", "infra", "-k", "safe-to-plan", "--gate-provider", "hashicorp/random")
    assert allowed.returncode == 0, allowed.stdout
    assert "providers that were allowed: hashicorp/random" in allowed.stdout
    command = [sys.executable, "-m", "pytest", "-k", "safe-to-plan"]
    team = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=300
    )
    assert team.returncode == 0, team.stdout
