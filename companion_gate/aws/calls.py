"""The calls that the embedded AWS got."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True)
class Operation:
    """botocore's names of a service and of its operation; where no model knows the request: its method and path."""

    service: str
    name: str

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


class Calls:
    """How often each operation was called, and how long the server took. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.count: Counter[Operation] = Counter()
        self.seconds: Counter[Operation] = Counter()
        self.repeated: Counter[Operation] = Counter()
        """Calls that came again under the same invocation id, because their answer never reached the SDK."""

    def repeat(self, operation: Operation) -> None:
        """Count one call that was answered before."""
        with self._lock:
            self.repeated[operation] += 1

    def add(self, operation: Operation, seconds: float) -> None:
        """Count one call."""
        with self._lock:
            self.count[operation] += 1
            # The stubs of Counter know whole numbers only.
            self.seconds[operation] += seconds  # type: ignore[assignment]
