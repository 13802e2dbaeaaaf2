"""One execution environment: a process that loads a handler once and answers one event at a time.

It runs in a process of its own, forked by `forker`, and imports nothing of the gate beside its own folder.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from companion_gate.serve.functions.spans import Span, Spans


@dataclass(frozen=True)
class Start:
    """What an environment is told first."""

    code: str
    handler: str
    name: str
    arn: str
    memory_mb: int
    variables: Mapping[str, str]
    seconds: Mapping[str, float] = field(default_factory=dict)
    """The least that a call of a service takes, by botocore's name of the service."""


@dataclass(frozen=True)
class Job:
    """An event to answer within ``timeout`` seconds."""

    event: Any
    request_id: str
    timeout: float


@dataclass(frozen=True)
class Answer:
    """What came of it: ``payload``, or ``error`` as Lambda gives it to the caller."""

    payload: Any
    error: dict[str, str] | None
    lines: list[str]
    spans: list[Span]
    began: float


class _Context:
    """Lambda's context (AWS docs: Lambda, Python context object)."""

    def __init__(self, start: Start, job: Job) -> None:
        self._until = time.monotonic() + job.timeout
        self.function_name = start.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = start.arn
        self.memory_limit_in_mb = start.memory_mb
        self.aws_request_id = job.request_id
        self.log_group_name = f"/aws/lambda/{start.name}"
        self.log_stream_name = f"[$LATEST]{os.getpid()}"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._until - time.monotonic()) * 1000))


class _Lines(logging.Handler):
    """Keeps log records as lines, as Lambda's runtime writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def take(self) -> list[str]:
        taken, self.lines = self.lines, []
        return taken


def run(pipe: Connection) -> None:
    """Serve until the other side hangs up. The function sees nothing of the environment that this process came with."""
    # Ctrl-C is the serving process's to handle: it ends this one by hanging up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start: Start = pipe.recv()
    os.environ.clear()
    os.environ.update(start.variables)
    log = _Lines()
    logging.basicConfig(level=logging.WARNING, handlers=[log], force=True)
    spans = Spans(start.seconds)
    try:
        handler = _load(start)
        spans.follow()
    except BaseException as error:
        pipe.send(_error(error))
        return
    pipe.send(None)
    while True:
        try:
            job: Job = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(handler, start, job, log, spans))


def _load(start: Start) -> Callable[[Any, Any], Any]:
    sys.path.insert(0, start.code)
    module, _, name = start.handler.rpartition(".")
    handler: Callable[[Any, Any], Any] = getattr(importlib.import_module(module), name)
    return handler


def _answer(handler: Callable[[Any, Any], Any], start: Start, job: Job, log: _Lines, spans: Spans) -> Answer:
    payload, error = None, None
    written, began = io.StringIO(), time.time()
    spans.take()
    with redirect_stdout(written):
        try:
            # As Lambda does: what is no JSON is the function's failure.
            payload = json.loads(json.dumps(handler(job.event, _Context(start, job))))
        except BaseException as raised:
            error = _error(raised)
    lines = [*log.take(), *written.getvalue().splitlines()]
    return Answer(payload, error, lines, spans.take(), began)


def _error(raised: BaseException) -> dict[str, str]:
    where = traceback.extract_tb(raised.__traceback__)
    place = f"{where[-1].name}, line {where[-1].lineno}" if where else ""
    return {"errorType": type(raised).__name__, "errorMessage": str(raised), "place": place}
