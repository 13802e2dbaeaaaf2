"""Examples that tests share."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable

import pytest

from tests.modules.deployed import deploy
from tests.modules.roots import planned

from .deployments import Deployment, copied
from .releases import last_state


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Deployment]:
    """An example by its name, as it is deployed over the state of the last release, once for all tests."""

    @functools.cache
    def of(example: str) -> Deployment:
        root = copied(example, tmp_path_factory.mktemp(example))
        shutil.copyfile(last_state(example), root / "terraform.tfstate")
        upgrade = planned(root)
        return Deployment(root, upgrade, deploy(root))

    return of
