"""What many tests share: the run's Terraform, and the real policies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aic_engine.rule import Rule
from companion_gate import POLICIES_FOLDER
from companion_gate.gate.options import OPTIONS
from companion_gate.gate.run import GateRun, load_policies, run_of
from companion_gate.terraform.plan import TerraformSession

REPOSITORY = Path(__file__).resolve().parent.parent
_COUNT = itertools.count()


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under ``-n`` with ``--dist loadfile``, what shares a served companion stays together as well."""
    if config.getoption("dist") != "loadfile":
        return None
    from tests.scheduling import TogetherScheduling

    return TogetherScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OPTIONS] = replace(config.stash[OPTIONS], cache=None)


@pytest.fixture(scope="session", autouse=True)
def kept_results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for what gates keep, instead of the user's: no test may be answered by an earlier run."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _nothing_kept_by_another_test(kept_results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept_results / str(next(_COUNT))))


@pytest.fixture(scope="session")
def gate_run(pytestconfig: pytest.Config) -> GateRun:
    return run_of(pytestconfig)


@pytest.fixture(scope="session")
def terraform_session(gate_run: GateRun) -> TerraformSession:
    """Terraform against the embedded AWS of this test run."""
    return gate_run.session


@pytest.fixture(scope="session")
def rules() -> tuple[Rule, ...]:
    return load_policies(POLICIES_FOLDER)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY
