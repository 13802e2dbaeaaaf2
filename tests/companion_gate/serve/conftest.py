"""Functions of a few lines, run as Lambda runs them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from companion_gate.serve.deployed import Function
from companion_gate.serve.functions.fleet import Fleet
from companion_gate.serve.functions.pool import FunctionPool, Invocation

Pools = Callable[..., FunctionPool]


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with closing(Fleet()) as made:
        yield made


@pytest.fixture
def pool(fleet: Fleet, tmp_path: Path) -> Pools:
    """Makes a pool of the function whose module has this text; it is called ``handler``."""

    def make(text: str, *, told: list[Invocation] | None = None, **how: Any) -> FunctionPool:
        package = tmp_path / f"{abs(hash(text))}.zip"
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("module.py", text)
        settings: dict[str, Any] = {"timeout": 10.0, "reserved": None} | {
            name: how.pop(name) for name in ("timeout", "reserved") if name in how
        }
        arn = "arn:aws:lambda:eu-central-1:111122223333:function:f"
        function = Function("f", arn, "module.handler", memory_mb=512, package=package, environment={}, **settings)
        variables = how.pop("variables", {})
        heard = told if told is not None else []
        return FunctionPool(function, fleet, variables, how.pop("environments", 4), {}, heard.append)

    return make


@pytest.fixture
def together() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack
