"""companion-gate and Checkov in one environment, whatever installs them and in whatever order.

Checkov's fork of python-hcl2 (bc-python-hcl2) and python-hcl2 both install the top-level package ``hcl2``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.packaging.conftest import Built, Environment

FORK_ONLY = "import hcl2, importlib.metadata as m; from hcl2 import START_LINE; print(m.version('bc-python-hcl2'))"


# The packages that could clash; all others stay installed from case to case, which saves most of the time.
CLASHING = ("checkov", "bc-python-hcl2", "companion-gate")


@pytest.fixture(scope="module")
def shared(built: Built, new_environment: Callable[[], Environment]) -> Environment:
    """An environment that holds all that Checkov and the gate need."""
    environment = new_environment()
    environment.install("uv", "checkov", str(built.wheel))
    return environment


@pytest.fixture(scope="module", params=["uv", "pip"])
def installer(request: pytest.FixtureRequest) -> str:
    """What the user installs with."""
    return str(request.param)


@pytest.fixture(scope="module", params=["checkov-first", "companion-gate-first"])
def environment(request: pytest.FixtureRequest, installer: str, built: Built, shared: Environment) -> Environment:
    """The environment after Checkov and the gate were installed into it anew."""
    shared.uninstall(*CLASHING)
    for package in ("checkov", "hcl2"):
        assert not (shared.packages / package).exists()
    # Lark keeps a cache beside the grammar, which no installer knows of.
    shutil.rmtree(shared.packages / "companion_gate", ignore_errors=True)
    first, second = "checkov", str(built.wheel)
    if request.param == "companion-gate-first":
        first, second = second, first
    shared.install(installer, first)
    shared.install(installer, second)
    return shared


def assert_checkov_works(environment: Environment) -> None:
    scan = environment.run("checkov", "-d", "stack", "--framework", "terraform", "--check", "CKV_AWS_20", "-o", "json")
    assert scan.returncode == 1, scan.stderr
    failed = json.loads(scan.stdout)["results"]["failed_checks"]
    assert [(check["check_id"], check["resource"]) for check in failed] == [("CKV_AWS_20", "aws_s3_bucket.open")]


def test_checkov_starts(environment: Environment) -> None:
    finished = environment.run("checkov", "--version")

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("3.")


def test_checkov_finds_what_it_should(environment: Environment) -> None:
    assert_checkov_works(environment)


def test_hcl2_is_checkovs_fork(environment: Environment) -> None:
    finished = environment.run("python", "-c", FORK_ONLY)

    assert (finished.stdout.startswith("0."), finished.stderr) == (True, "")


def test_the_gate_reads_hcl_with_its_own_python_hcl2(environment: Environment) -> None:
    environment.assert_ours_parses()


def test_pip_finds_no_conflict(environment: Environment) -> None:
    assert environment.run("python", "-m", "pip", "check").stdout == "No broken requirements found.\n"


@pytest.fixture
def fork_and_gate(built: Built, new_environment: Callable[[], Environment]) -> Environment:
    """Checkov's fork of python-hcl2 and the gate, without the rest."""
    environment = new_environment()
    environment.install("uv", "bc-python-hcl2", "lark", "regex")
    environment.install("uv", "--no-deps", str(built.wheel))
    return environment


def test_uninstalling_the_gate_leaves_checkovs_fork_whole(fork_and_gate: Environment) -> None:
    fork_and_gate.uninstall("companion-gate")

    finished = fork_and_gate.run("python", "-c", FORK_ONLY)
    assert (finished.stdout.startswith("0."), finished.stderr) == (True, "")


def test_the_gate_still_reads_hcl_when_the_user_adds_python_hcl2(fork_and_gate: Environment) -> None:
    """What becomes of Checkov then is between those two packages; only the gate's own part is promised."""
    fork_and_gate.install("pip", "python-hcl2==8.1.4")

    fork_and_gate.assert_ours_parses()
