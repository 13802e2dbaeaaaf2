"""How long services take: nothing beyond what the stand-ins take, or drawn from published quantiles."""

from __future__ import annotations

import random
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PUBLISHED = Path(__file__).parent / "service_times.toml"


@dataclass(frozen=True)
class Quantiles:
    """Milliseconds at quantiles from 0 to 1, and where they come from."""

    points: tuple[tuple[float, float], ...]
    source: str
    assumed: bool

    def at(self, quantile: float) -> float:
        """Seconds at a quantile, in straight lines between the known ones; beyond the last known, that one."""
        before = (0.0, self.points[0][1] / 2)
        for point in self.points:
            if quantile <= point[0]:
                share = (quantile - before[0]) / (point[0] - before[0])
                return (before[1] + share * (point[1] - before[1])) / 1000
            before = point
        return self.points[-1][1] / 1000


class ServiceTimes:
    """Draws times by name, the same ones for the same seed. Threads may share it."""

    def __init__(self, quantiles: Mapping[str, Quantiles] | None = None, seed: int = 1) -> None:
        self.quantiles = dict(quantiles or {})
        self._random = random.Random(seed)  # noqa: S311 - nothing depends on nobody guessing it
        self._lock = threading.Lock()

    def sample(self, name: str, otherwise: float = 0.0) -> float:
        """Seconds; ``otherwise`` where nothing is known under the name."""
        known = self.quantiles.get(name)
        if known is None:
            return otherwise
        with self._lock:
            return known.at(self._random.random())


def published(seed: int = 1) -> ServiceTimes:
    """The published and assumed times of `service_times.toml`."""
    content = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    return ServiceTimes(
        {
            each["name"]: Quantiles(
                tuple(
                    sorted(
                        (float(key[1:]) / 100, float(value))
                        for key, value in each.items()
                        if key[0] == "p" and key[1:].isdecimal()
                    )
                ),
                each["source"],
                bool(each.get("assumed", False)),
            )
            for each in content["service"]
        },
        seed,
    )
