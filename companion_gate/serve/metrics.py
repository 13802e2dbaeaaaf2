"""What was measured, as CloudWatch would have it: values with their time, by namespace, name and dimensions."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

Key = tuple[str, str, frozenset[tuple[str, str]]]
# Alarms look back five periods of a minute, or one of five.
_KEPT = 20_000


class Metrics:
    """Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Key, deque[tuple[float, float]]] = {}

    def add(self, namespace: str, name: str, dimensions: Mapping[str, str], value: float) -> None:
        """Keep a value of this moment."""
        key = namespace, name, frozenset(dimensions.items())
        with self._lock:
            self._values.setdefault(key, deque(maxlen=_KEPT)).append((time.time(), value))

    def add_lines(self, lines: Iterable[str]) -> None:
        """Keep what lines of a log say in the embedded metric format; other lines are passed over."""
        for line in lines:
            try:
                content = json.loads(line)
                directives = content["_aws"]["CloudWatchMetrics"]
            except (KeyError, TypeError, ValueError):
                continue
            for directive in directives:
                self._add_directive(directive, content)

    def _add_directive(self, directive: Mapping[str, Any], content: Mapping[str, Any]) -> None:
        for names in directive["Dimensions"]:
            dimensions = {name: str(content[name]) for name in names}
            for metric in directive["Metrics"]:
                self.add(directive["Namespace"], metric["Name"], dimensions, float(content[metric["Name"]]))

    def values(
        self, namespace: str, name: str, dimensions: Mapping[str, str], since: float, until: float
    ) -> list[float]:
        """The values after ``since`` up to ``until``, in epoch seconds."""
        key = namespace, name, frozenset(dimensions.items())
        with self._lock:
            return [value for at, value in self._values.get(key, ()) if since < at <= until]

    def total(self, namespace: str, name: str) -> float:
        """The sum over all dimensions and times."""
        with self._lock:
            found = [each for (space, called, _), each in self._values.items() if (space, called) == (namespace, name)]
            return sum(value for each in found for _, value in each)
