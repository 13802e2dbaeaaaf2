"""How a policy's subject may be weakened: what a policy declares so that tests can try it on real Terraform.

A path may select nested blocks: ``filters_config[*]`` is each of them, ``filters_config[type=SEXUAL]`` those of that
type. What a weakening does, on HCL and on a plan, is the business of the tests; here it is only said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Operator(StrEnum):
    SET = "set"
    DROP = "drop"
    DELETE = "delete"
    EDIT = "edit"
    SWAP = "swap"


@dataclass(frozen=True)
class Weakening:
    """One way to weaken a stack that the policy which declares it must notice."""

    operator: Operator
    type: str
    path: str = ""
    value: Any = None
    other: str = ""
    """For SWAP: the argument that changes places with ``path``."""
    edit: Callable[[Any], Any] | None = None
    """For EDIT: from the data of a JSON document to the weakened one; ``None`` where there is nothing to weaken."""
    only: str = ""
    """A regular expression that the block's address (``type.name``) must match; empty: every block of the type."""
    everywhere: bool = False
    """All places are weakened at once, where the others would make up for one."""

    def __str__(self) -> str:
        name = f" ({self.edit.__name__})" if self.edit else ""
        return self.sentence.partition(": ")[0] + name + (f" ({self.only})" if self.only else "")

    @property
    def sentence(self) -> str:
        """What it does, for people."""
        where = f"{self.type}.{self.path}" if self.path else f"every {self.type}"
        if self.operator is Operator.SET:
            return f"set {where} to {self.value!r}"
        if self.operator is Operator.SWAP:
            return f"swap {where} and {self.other}"
        meaning = (self.edit.__doc__ or "").rstrip(".") if self.edit else ""
        return f"{self.operator.value} {where}" + (f": {meaning[0].lower()}{meaning[1:]}" if meaning else "")


def set_to(type_: str, path: str, value: Any, *, only: str = "") -> Weakening:
    return Weakening(Operator.SET, type_, path, value, only=only)


def drop(type_: str, path: str, *, only: str = "") -> Weakening:
    return Weakening(Operator.DROP, type_, path, only=only)


def swap(type_: str, path: str, other: str, *, only: str = "") -> Weakening:
    """Two arguments change places."""
    return Weakening(Operator.SWAP, type_, path, other=other, only=only)


def delete(type_: str, *, only: str = "") -> Weakening:
    """All resources of the type are gone."""
    return Weakening(Operator.DELETE, type_, only=only, everywhere=True)


def edit(type_: str, path: str, change: Callable[[Any], Any], *, only: str = "", everywhere: bool = False) -> Weakening:
    """The data of the JSON document at ``path`` are changed; ``everywhere``: in all resources of the type at once."""
    return Weakening(Operator.EDIT, type_, path, edit=change, only=only, everywhere=everywhere)
