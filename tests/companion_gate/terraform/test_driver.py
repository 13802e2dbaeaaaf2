from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path

import pytest
import tftest

from companion_gate.errors import GateError
from companion_gate.terraform.diagnostics import TerraformFailed
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.session import TerraformSession

from .conftest import FakeTerraform

TYPES = """
variable "flag" { type = bool }
variable "count_" { type = number }
variable "text" { type = string }
variable "list" { type = list(string) }
variable "token" {
  type      = string
  sensitive = true
}
output "all" { value = [var.flag, var.count_, var.text, var.list] }
output "text" { value = var.text }
output "token" {
  value     = var.token
  sensitive = true
}
resource "terraform_data" "x" { input = var.text }
"""
VALUES = {"flag": False, "count_": 3, "text": "${not} a template", "list": ["%{a}", 'b"'], "token": "s3cr3t-t0ken"}


def driver(session: TerraformSession, folder: Path, text: str) -> Terraform:
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(text, encoding="utf-8")
    return Terraform(folder, binary=session.binary.path, env=session.env, init_envs=session.init_envs)


def fake(program: Path, tmp_path: Path) -> Terraform:
    return Terraform(tmp_path, binary=program, env={"PATH": os.environ["PATH"]}, timeout=30)


def test_tftests_api_works_from_setup_to_destroy(session: TerraformSession, tmp_path: Path) -> None:
    terraform = driver(session, tmp_path / "root", TYPES)
    terraform.setup(cleanup_on_exit=False)
    planned = terraform.plan(output=True, tf_vars=VALUES, parallelism=5)
    assert planned.outputs["all"] == [False, 3, "${not} a template", ["%{a}", 'b"']]
    assert planned.resource_changes["terraform_data.x"]["change"]["actions"] == ["create"]
    assert "Plan: 1 to add" in terraform.plan(tf_vars=VALUES)
    assert "Apply complete! Resources: 1 added" in terraform.apply(tf_vars=VALUES)
    assert terraform.output("all")[0] is False
    assert terraform.output()["text"] == VALUES["text"]
    assert terraform.state_pull().outputs["token"] == "s3cr3t-t0ken"
    assert "Destroy complete! Resources: 1 destroyed" in terraform.destroy(tf_vars=VALUES)


def test_secrets_reach_no_log_and_no_file_outlives_the_plan(
    session: TerraformSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    terraform = driver(session, tmp_path / "root", TYPES)
    terraform.init()
    terraform.plan(output=True, tf_vars=VALUES)
    assert "s3cr3t-t0ken" not in caplog.text
    assert list(Path(session.env["TMPDIR"]).iterdir()) == []
    assert not list((tmp_path / "root").glob("**/*tfvars*"))


def test_the_environment_is_exactly_the_given_one(fake_terraform: FakeTerraform, tmp_path: Path) -> None:
    terraform = fake(fake_terraform("print(json.dumps(dict(os.environ)))"), tmp_path)
    seen = json.loads(terraform.execute_command("env").out)
    # Python itself sets LC_CTYPE in a C locale.
    assert set(seen) - {"LC_CTYPE"} == {"PATH"}


def test_much_on_stderr_does_not_hang(fake_terraform: FakeTerraform, tmp_path: Path) -> None:
    terraform = fake(fake_terraform("sys.stderr.write('x' * 1_000_000); print('done')"), tmp_path)
    assert terraform.execute_command("plan").out == "done\n"


@pytest.mark.parametrize("ending", ["sys.exit(1)", "sys.exit(2)", "sys.exit(3)", "os.kill(os.getpid(), 9)"])
def test_every_failing_exit_raises(fake_terraform: FakeTerraform, tmp_path: Path, ending: str) -> None:
    terraform = fake(fake_terraform(f"print('cause', file=sys.stderr, flush=True); {ending}"), tmp_path)
    with pytest.raises(TerraformFailed, match=r"terraform plan (failed|was killed by signal 9): cause") as caught:
        terraform.plan()
    assert isinstance(caught.value, GateError)
    assert isinstance(caught.value, tftest.TerraformTestError)


def test_exit_code_2_is_an_answer_only_where_it_was_asked_for(fake_terraform: FakeTerraform, tmp_path: Path) -> None:
    terraform = fake(fake_terraform("sys.exit(2)"), tmp_path)
    assert terraform.execute_command("plan", "-detailed-exitcode").retcode == 2


def test_a_hanging_terraform_is_stopped_with_what_it_started(fake_terraform: FakeTerraform, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = fake_terraform(
        "import subprocess, time\n"
        f"child = subprocess.Popen(['sleep', '600']); open({str(pid_file)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    terraform = Terraform(tmp_path, binary=program, env={"PATH": os.environ["PATH"]}, timeout=3)
    with pytest.raises(GateError, match="did not finish within 3 s and was stopped"):
        terraform.plan()
    assert ends(int(pid_file.read_text()))


def test_a_killed_terraform_takes_its_provider_along(fake_terraform: FakeTerraform, tmp_path: Path) -> None:
    program = fake_terraform(
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(child.pid, file=sys.stderr, flush=True); os.kill(os.getpid(), 9)"
    )
    with pytest.raises(TerraformFailed) as caught:
        fake(program, tmp_path).plan()
    assert ends(int(str(caught.value).rsplit(" ", 1)[1]))


def ends(pid: int) -> bool:
    """Whether the process is gone, or dead and only not yet collected by its new parent."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_an_undeclared_variable_is_refused_not_dropped(session: TerraformSession, tmp_path: Path) -> None:
    terraform = driver(session, tmp_path / "root", TYPES)
    with pytest.raises(GateError, match="root declares no variable tokn; correct the name or declare it"):
        terraform.plan(output=True, tf_vars={**VALUES, "tokn": 1})


def test_a_value_that_is_no_json_is_refused(session: TerraformSession, tmp_path: Path) -> None:
    terraform = driver(session, tmp_path / "root", TYPES)
    with pytest.raises(GateError, match="cannot be written as JSON"):
        terraform.plan(output=True, tf_vars={**VALUES, "text": object()})


@pytest.mark.parametrize("existed", [True, False])
def test_clean_up_keeps_what_it_did_not_make(session: TerraformSession, tmp_path: Path, existed: bool) -> None:
    root = tmp_path / "root"
    terraform = driver(session, root, 'resource "terraform_data" "x" {}\n')
    if existed:
        (root / ".terraform.lock.hcl").write_text("# mine\n", encoding="utf-8")
    terraform.setup()
    terraform.apply()
    assert (root / "terraform.tfstate").exists()
    del terraform
    assert {path.name for path in root.iterdir()} == {"main.tf"} | ({".terraform.lock.hcl"} if existed else set())


def test_source_files_are_never_rewritten(session: TerraformSession, tmp_path: Path) -> None:
    terraform = driver(session, tmp_path / "root", TYPES)
    with pytest.raises(GateError, match="would rewrite the module's source files"):
        terraform.setup(disable_prevent_destroy=True)


def test_the_cache_of_tftest_is_never_used(session: TerraformSession, tmp_path: Path) -> None:
    root = tmp_path / "root"
    terraform = driver(session, root, 'output "x" {\n  value = 1\n}\n')
    terraform.setup(use_cache=True, cleanup_on_exit=False)
    assert terraform.plan(output=True, use_cache=True).outputs["x"] == 1
    assert not list(tmp_path.rglob("*.pickle"))
