"""Which examples a test is about: one process applies one example, also with pytest-xdist's ``--dist loadgroup``."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.examples.deployments import NAMES

COMPANIONS = [name for name in NAMES if name != "bring-your-own"]


def applied_each(names: Iterable[str], fixture: str = "applied") -> pytest.MarkDecorator:
    """Run a test, or all tests of a module, on each of these examples."""
    params = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
    return pytest.mark.parametrize(fixture, params, indirect=True)


def each_name(fixture: str) -> pytest.MarkDecorator:
    """Run a test on every example, whose name a fixture is given."""
    return applied_each(NAMES, fixture)


each_example = applied_each(NAMES)
each_companion = applied_each(COMPANIONS)
