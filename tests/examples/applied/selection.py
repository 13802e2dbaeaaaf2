"""Which examples a test is about: one process applies one example, also with pytest-xdist's ``--dist loadgroup``."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.examples.deployments import NAMES

COMPANIONS = [name for name in NAMES if name != "bring-your-own"]


def applied_each(names: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test, or all tests of a module, on each of these examples."""
    params = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
    return pytest.mark.parametrize("applied", params, indirect=True)


each_example = applied_each(NAMES)
each_companion = applied_each(COMPANIONS)
