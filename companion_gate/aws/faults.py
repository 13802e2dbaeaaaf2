"""Faults that the emulated AWS can be told to have: what a network and a busy service do to an apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from threading import Lock

from companion_gate.aws.calls import Operation
from companion_gate.errors import GateError


class Kind(Enum):
    """What happens to the call."""

    THROTTLE = "throttle"
    """It is refused with ThrottlingException, which every AWS SDK retries."""
    BREAK = "break"
    """It is answered with HTTP 500 InternalFailure, which every AWS SDK retries."""
    DENY = "deny"
    """It is refused with AccessDeniedException, which no SDK retries."""
    SLOW = "slow"
    """It is answered `seconds` late."""
    LOSE = "lose"
    """It is carried out, and the connection is reset before the answer."""


@dataclass(frozen=True)
class Fault:
    """A fault of the `nth` to the `nth + times - 1`-th call of each operation that matches.

    `operation` is a pattern such as ``sqs:CreateQueue``, ``sqs:*`` or ``*:Create*`` over botocore's names; calls are
    counted for each operation by itself, from 1, from the moment the fault is set.
    """

    kind: Kind
    operation: str = "*"
    nth: int = 1
    times: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.nth < 1 or self.times < 1 or self.seconds < 0:
            raise GateError(f"{self}: nth and times count from 1, and seconds from 0")
        if self.operation != "*" and ":" not in self.operation:
            raise GateError(f"{self}: write the operation with its service, such as sqs:CreateQueue or *:Create*")


class Faults:
    """The faults that are set, and what they met. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._set: list[Fault] = []
        self._seen: Counter[tuple[Fault, Operation]] = Counter()
        self.met: list[tuple[Kind, Operation]] = []
        """Each call that a fault was done to, in their order."""

    @contextmanager
    def injected(self, *faults: Fault) -> Iterator[Faults]:
        """These faults, and no others, as long as the block lasts; `met` is emptied when it begins."""
        self.clear()
        with self._lock:
            self._set = list(faults)
        try:
            yield self
        finally:
            with self._lock:
                self._set = []

    def clear(self) -> None:
        """No fault is set, none was met."""
        with self._lock:
            self._set, self.met = [], []
            self._seen.clear()

    def of(self, operation: Operation) -> Fault | None:
        """The fault that this call meets: the first of those set; each call counts for all of them."""
        with self._lock:
            hit = None
            for fault in self._set:
                if not fnmatchcase(str(operation), fault.operation):
                    continue
                self._seen[fault, operation] += 1
                if hit is None and 0 <= self._seen[fault, operation] - fault.nth < fault.times:
                    hit = fault
            if hit is not None:
                self.met.append((hit.kind, operation))
            return hit
