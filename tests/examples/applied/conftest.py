"""The examples, each applied once on an emulated AWS.

Tests run in the order of their files' names: what is deployed, what drifts, and how it ends.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.gate.run import run_of
from companion_gate.terraform.configuration import module_blocks
from tests.applying import Applied, applied_root
from tests.examples.deployments import EXAMPLES

from .summary import Summary
from .surroundings import ACCOUNT, surround

SUMMARY = Summary()


@pytest.fixture(scope="session")
def applied(request: pytest.FixtureRequest) -> Iterator[Applied]:
    """The example that the parameter names, applied; destroyed at the latest when its last test has ended."""
    example = str(request.param)
    around = functools.partial(surround, example)
    with applied_root(run_of(request.config), EXAMPLES / example, ACCOUNT, around, _show_outputs) as made:
        yield made


def _show_outputs(root: Path) -> None:
    """An example that shows its readers no outputs has them shown to the tests."""
    declared = {block.name for block in module_blocks(root) if block.kind == "output"}
    calls = {block.name for block in module_blocks(root) if block.kind == "module"}
    if "companion" in calls:
        missing = [name for name in ("companion", "capacity_contract") if name not in declared]
        texts = [f'output "{name}" {{\n  value = module.companion.{name}\n}}\n' for name in missing]
        (root / "shown.tf").write_text("".join(texts), encoding="utf-8")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    SUMMARY.add(report)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        sys.stdout.writelines(f"{line}\n" for line in SUMMARY.lines())
