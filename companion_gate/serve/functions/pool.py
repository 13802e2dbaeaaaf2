"""A function as Lambda runs it: an environment for each event that is answered at the same time, kept for the next."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion_gate.errors import GateError
from companion_gate.serve.deployed import Function
from companion_gate.serve.functions.environment import Job, Start
from companion_gate.serve.functions.fleet import Environment, Fleet
from companion_gate.serve.functions.spans import Span


@dataclass(frozen=True)
class Invocation:
    """One event, answered: ``payload``, or ``error`` with Lambda's errorType and errorMessage."""

    function: str
    request_id: str
    began: float
    """When the event came, in epoch seconds."""
    seconds: float
    """Of the handler alone."""
    cold: bool
    payload: Any
    error: Mapping[str, str] | None
    lines: Sequence[str]
    spans: Sequence[Span]
    handler_began: float


class ThrottledError(Exception):
    """The function's reserved concurrency is used up (AWS docs: Lambda, TooManyRequestsException)."""


class FunctionPool:
    """``environments`` is how many of a function this machine runs at once; who finds none free waits, unless the
    function's reserved concurrency is what is used up."""

    def __init__(
        self,
        function: Function,
        fleet: Fleet,
        variables: Mapping[str, str],
        environments: int,
        seconds: Mapping[str, float],
        tell: Callable[[Invocation], None],
    ) -> None:
        self.function = function
        self._fleet = fleet
        self._start = Start(
            str(fleet.code(function.package)),
            function.handler,
            function.name,
            function.arn,
            function.memory_mb,
            dict(variables),
            dict(seconds),
        )
        self._tell = tell
        self._places = threading.BoundedSemaphore(environments)
        self._lock = threading.Lock()
        self._idle: list[Environment] = []
        self._busy: dict[str, Environment] = {}
        self._waiting = 0
        self._crashes = 0

    @property
    def busy(self) -> int:
        """How many events are being answered."""
        return len(self._busy)

    def warm(self, count: int) -> None:
        """Have so many environments ready, which have loaded the function."""
        ready = [self._environment()[0] for _ in range(count)]
        with self._lock:
            self._idle.extend(each for each in ready if isinstance(each, Environment))

    def kill_busy(self) -> int:
        """End the environments that are answering, as a crash would; how many there were."""
        with self._lock:
            victims = list(self._busy.values())
        for each in victims:
            each.kill()
        return len(victims)

    def crash(self, times: int) -> None:
        """Let the environments of the next events end over them, so many times."""
        with self._lock:
            self._crashes += times

    def invoke(self, event: Any) -> Invocation:
        """Answer an event. Raises ThrottledError."""
        came = time.time()
        with self._lock:
            if self.function.reserved is not None and self._waiting >= self.function.reserved:
                raise ThrottledError(self.function.name)
            self._waiting += 1
        try:
            with self._places:
                done = self._answer(event, came)
        finally:
            with self._lock:
                self._waiting -= 1
        self._tell(done)
        return done

    def _answer(self, event: Any, came: float) -> Invocation:
        request_id = str(uuid.uuid4())
        environment, cold = self._environment()
        if not isinstance(environment, Environment):
            return Invocation(self.function.name, request_id, came, 0.0, cold, None, environment, (), (), came)
        with self._lock:
            self._busy[request_id] = environment
            if self._crashes:
                self._crashes -= 1
                environment.kill()
        began = time.time()
        answer = environment.answer(Job(event, request_id, self.function.timeout))
        seconds = time.time() - began
        with self._lock:
            del self._busy[request_id]
            if not isinstance(answer, dict):
                self._idle.append(environment)
        if isinstance(answer, dict):
            environment.close()
            return Invocation(self.function.name, request_id, came, seconds, cold, None, answer, (), (), began)
        return Invocation(
            self.function.name,
            request_id,
            came,
            seconds,
            cold,
            answer.payload,
            answer.error,
            answer.lines,
            answer.spans,
            answer.began,
        )

    def _environment(self) -> tuple[Environment | dict[str, str], bool]:
        """One that is ready, or the error of starting it; and whether it had to be started."""
        with self._lock:
            if self._idle:
                return self._idle.pop(), False
        try:
            made = self._fleet.environment()
        except GateError as error:
            return {"errorType": "Sandbox.Failure", "errorMessage": str(error)}, True
        refused = made.start(self._start)
        if refused is not None:
            made.close()
            return refused, True
        return made, True
