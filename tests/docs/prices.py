"""What docs/prices.toml states: prices with their sources, the turn, and what is free."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.modules.roots import REPOSITORY

FILE = REPOSITORY / "docs" / "prices.toml"


@dataclass(frozen=True)
class Price:
    """USD for one `per`. `seen` says where the number was read; empty where it is assumed, and `note` why."""

    key: str
    usd: float
    per: str
    source: str
    as_of: date
    verified: bool
    seen: str = ""
    note: str = ""


@dataclass(frozen=True)
class TurnItem:
    """What one turn uses of a price."""

    price: str
    quantity: float
    why: str
    of: str
    when: tuple[str, ...] = ()
    unless: str = ""
    memory_of: str = ""
    policy: str = ""
    of_model: bool = False


@dataclass(frozen=True)
class PriceList:
    """The whole file."""

    region: str
    hours_per_month: int
    prices: Mapping[str, Price]
    floors: Mapping[str, float]
    emitted: tuple[str, ...]
    free: Mapping[str, str]
    by_use: Mapping[str, str]
    turn: tuple[TurnItem, ...]

    @classmethod
    def read(cls, file: Path = FILE) -> PriceList:
        """Raises TypeError for a field that no price or item has."""
        content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(
            **content["about"],
            prices={key: Price(key, **fields) for key, fields in content["prices"].items()},
            floors=content["floors"],
            emitted=tuple(content["emitted"]["metrics"]),
            free=content["free"],
            by_use=content["by_use"],
            turn=tuple(TurnItem(**{**fields, "when": tuple(fields.get("when", ()))}) for fields in content["turn"]),
        )

    def __getitem__(self, key: str) -> Price:
        """Raises LookupError with the way out."""
        if key in self.prices:
            return self.prices[key]
        raise LookupError(f"docs/prices.toml has no price {key}; add [prices.{key}] with its source")
