"""The controls that policies support, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).with_name("controls.toml")
DECIDABLE = ("yes", "part", "no")


@dataclass(frozen=True)
class Control:
    """One requirement of a law, standard or framework.

    ``says`` is its meaning in our words, ``quote`` its own, where it has been looked up on the day ``read``.
    ``decidable`` says whether infrastructure decides it (yes, part, no), ``cannot`` what it does not decide.
    """

    id: str
    framework: str
    says: str
    source: str
    read: date
    decidable: str
    quote: str = ""
    cannot: str = ""

    def __post_init__(self) -> None:
        if self.decidable not in DECIDABLE:
            raise ValueError(f"{self.id}: decidable must be one of {', '.join(DECIDABLE)}, not {self.decidable!r}")
        if self.decidable != "yes" and not self.cannot:
            raise ValueError(f"{self.id}: say in cannot what infrastructure does not decide")


def controls() -> dict[str, Control]:
    """All controls by id."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {id_: Control(id=id_, **fields) for id_, fields in data.items()}
