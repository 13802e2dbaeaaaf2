"""What a new user does, with nothing but the built wheel: the adoption guide, the CI kits, pre-commit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.companion_gate.gate.running import PROVIDER, table, write_tree
from tests.packaging.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.packaging.conftest import Built, Environment

GUIDE = REPOSITORY / "docs/adoption.md"
_BLOCK = re.compile(r"^```(sh|hcl)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_UNTRIED = re.compile(r"curl |zipfile -e terraform\.zip")
"""Lines of the kits that fetch Terraform, which the machine has to have here."""


@dataclass(frozen=True)
class Machine:
    """A user's machine: a Python environment, an empty repository, and a package index that has our wheel."""

    environment: Environment
    variables: Mapping[str, str]

    def sh(self, script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=folder,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        # Plain Checkov logs one where it cannot ask its vendor for the addresses of guidelines.
        assert "checkov -d" in script or "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def machine(
    built: Built, new_environment: Callable[[], Environment], tmp_path_factory: pytest.TempPathFactory
) -> Machine:
    environment = new_environment()
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL"))}
    for name in [name for name in kept if name.startswith(("GITHUB_", "CI", "TF_VAR"))]:
        del kept[name]
    own = {
        "PATH": f"{environment.folder / 'env/bin'}{os.pathsep}{kept['PATH']}",
        "PIP_FIND_LINKS": str(built.wheel.parent),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "t",
        "GIT_CONFIG_KEY_1": "user.email",
        "GIT_CONFIG_VALUE_1": "t@example.com",
    }
    made = Machine(environment, {**kept, **own})
    done = made.sh("pip install --quiet 'companion-gate[fast]==0.1.0' pytest-xdist", environment.folder)
    assert done.returncode == 0, done.stderr
    return made


def blocks() -> Iterator[tuple[str, str]]:
    yield from _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def test_every_block_of_the_guide_does_what_it_says(machine: Machine, tmp_path: Path) -> None:
    tried = 0
    for kind, text in blocks():
        if kind == "hcl":
            name, _, hcl = text.partition("\n")
            write_tree(tmp_path, {name.removeprefix("# "): hcl})
            continue
        done = machine.sh(text, tmp_path)
        wanted = 1 if text.startswith("# fails\n") else 0
        assert done.returncode == wanted, f"{text}\n{done.stdout}\n{done.stderr}"
        tried += 1
    assert tried > 8
    assert (tmp_path / "gate.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_guide_names_files_that_there_are() -> None:
    named = re.findall(r"\]\((\.\./[^)#]+)\)", GUIDE.read_text(encoding="utf-8"))
    assert len(named) > 4
    assert [name for name in named if not (GUIDE.parent / name).exists()] == []


def test_first_finding_is_named_with_its_line_and_its_fix(machine: Machine, tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/prod/main.tf": PROVIDER + table(ttl="false")})
    done = machine.sh("companion-gate check infra", tmp_path)
    assert done.returncode == 1
    for part in ("CKV_AIC_MEM_001 memory-ttl-enabled", "expected:", "fix:", "source:   infra/prod/main.tf:"):
        assert part in done.stdout


def test_plugin_is_found_and_workers_share_the_stacks(machine: Machine, tmp_path: Path) -> None:
    write_tree(tmp_path, {f"infra/{name}/main.tf": PROVIDER + table() for name in "abc"})
    done = machine.sh("pytest --stack infra -n 2 --gate-report gate.json", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["stacks"]) == 3


def test_types_are_for_the_user_too(machine: Machine, tmp_path: Path) -> None:
    done = machine.sh(
        "python -c 'import companion_gate, pathlib; print(pathlib.Path(companion_gate.__file__))'", tmp_path
    )
    assert Path(done.stdout.strip()).with_name("py.typed").is_file()


@pytest.fixture
def repository(machine: Machine, tmp_path: Path) -> Path:
    """A repository with a safe stack on main, which is also what the remote has."""
    folder = write_tree(
        tmp_path / "repository", {"infra/prod/main.tf": PROVIDER + table(), "infra/dev/main.tf": PROVIDER + table()}
    )
    commit = "git init --quiet -b main && git add . && git commit --quiet -m safe"
    made = machine.sh(f"{commit} && git update-ref refs/remotes/origin/main main", folder)
    assert made.returncode == 0, made.stderr
    return folder


def steps(workflow: Any, job: str) -> Iterator[tuple[str, str]]:
    for step in workflow["jobs"][job]["steps"]:
        if "run" in step:
            yield step["name"], step["run"]


def kit(name: str) -> Any:
    return yaml.safe_load((REPOSITORY / "ci" / name).read_text(encoding="utf-8"))


def weaken(repository: Path) -> None:
    write_tree(repository, {"infra/prod/main.tf": PROVIDER + table(ttl="false")})


def test_github_workflow(machine: Machine, repository: Path) -> None:
    workflow = kit("github-actions.yml")
    github = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main", "CI": "true", "GITHUB_STEP_SUMMARY": "summary.md"}
    run = {name: machine.sh(text, repository, **workflow["env"], **github) for name, text in steps(workflow, "gate")}
    assert {name: done.returncode for name, done in run.items()} == {"Install": 0, "Gate": 0, "Safety drift": 0}
    for name in ("gate.html", "gate.sarif", "gate.json", "gate.xml"):
        assert (repository / name).stat().st_size > 0
    weaken(repository)
    run = {name: machine.sh(text, repository, **workflow["env"], **github) for name, text in steps(workflow, "gate")}
    assert {name: done.returncode for name, done in run.items()} == {"Install": 0, "Gate": 1, "Safety drift": 1}
    assert "::error file=infra/prod/main.tf,line=" in run["Gate"].stdout
    summary = (repository / "summary.md").read_text(encoding="utf-8")
    assert "## Gate passed" in summary
    assert "## Gate failed" in summary
    assert "## Safety drift" in summary


def test_github_workflow_with_shards(machine: Machine, repository: Path) -> None:
    workflow = kit("github-actions-shards.yml")
    count = len(workflow["jobs"]["gate"]["strategy"]["matrix"]["shard"])
    write_tree(repository, {"durations.json": '{"questions": []}'})
    for shard in workflow["jobs"]["gate"]["strategy"]["matrix"]["shard"]:
        for name, text in steps(workflow, "gate"):
            filled = text.replace("${{ matrix.shard }}", str(shard))
            assert f"/{count}" in filled or name == "Install"
            assert machine.sh(filled, repository, **workflow["env"]).returncode == 0
    for _, text in steps(workflow, "report"):
        assert machine.sh(text, repository, **workflow["env"]).returncode == 0
    text = (repository / "gate.html").read_text(encoding="utf-8")
    assert "infra/dev" in text
    assert "infra/prod" in text


def test_gitlab_job(machine: Machine, repository: Path) -> None:
    job = kit("gitlab-ci.yml")["companion-gate"]
    variables = {name: str(value) for name, value in job["variables"].items()}
    merge_request = {"CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}

    def codes() -> list[int]:
        lines = [line for line in (*job["before_script"], *job["script"]) if not _UNTRIED.search(line)]
        return [machine.sh(line, repository, **variables, **merge_request).returncode for line in lines]

    assert codes() == [0, 0, 0]
    assert (repository / job["artifacts"]["reports"]["junit"]).stat().st_size > 0
    weaken(repository)
    assert codes() == [0, 1, 1]


def test_pre_commit_hook(machine: Machine, repository: Path, unpacked: Path, tmp_path: Path) -> None:
    source = shutil.copytree(unpacked, tmp_path / "source")
    shutil.copy(REPOSITORY / ".pre-commit-hooks.yaml", source)
    tagged = "git init --quiet && git add . && git commit --quiet -m release && git tag v0.1.0"
    assert machine.sh(tagged, source).returncode == 0
    config = (REPOSITORY / "ci/pre-commit-config.yaml").read_text(encoding="utf-8")
    address = re.search(r"repo: (\S+)", config)
    assert address is not None
    write_tree(repository, {".pre-commit-config.yaml": config.replace(address[1], str(source))})
    installed = machine.sh("pip install --quiet pre-commit && git add . && pre-commit run", repository)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    weaken(repository)
    done = machine.sh("git add . && pre-commit run", repository)
    assert done.returncode == 1
    assert "memory-ttl-enabled" in done.stdout


def test_kits_are_what_their_services_take() -> None:
    for schema, pattern in (("vendor.github-workflows", "github-*.yml"), ("vendor.gitlab-ci", "gitlab-*.yml")):
        files = sorted(map(str, (REPOSITORY / "ci").glob(pattern)))
        assert files
        command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", schema, *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
