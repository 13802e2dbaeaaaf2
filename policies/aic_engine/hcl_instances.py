"""Instances of repeated resources, and the keys that choose among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aic_engine.values import Unknown


class IndexKey(str):
    """A key in brackets, where ``.name`` would be another thing."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Instance(Unknown):
    """One instance of a resource as a whole; what is taken of it may be known."""

    type: str = ""
    keys: tuple[Any, ...] = ()
    """Its name, and its key where it has one."""


@dataclass(frozen=True)
class OwnKey:
    """``each.key`` or ``count.index`` as an index, where the instance is not known."""

    text: str
