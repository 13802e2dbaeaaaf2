"""Inputs of a module, and what must be said of those that it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """Inputs laid over a suite's base, and a piece of the message that must refuse them; None: they are accepted."""

    name: str
    inputs: Mapping[str, Any]
    message: str | None = None


@dataclass(frozen=True)
class Suite:
    """Inputs that a module accepts, and the cases around them."""

    base: Mapping[str, Any]
    cases: Sequence[Case] = field(default_factory=tuple)

    @property
    def inputs(self) -> dict[str, dict[str, Any]]:
        """The whole inputs of each case."""
        return {case.name: {**self.base, **case.inputs} for case in self.cases}
