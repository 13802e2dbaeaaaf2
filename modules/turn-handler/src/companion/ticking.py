"""A stream that also gives the time: whoever waits for a slow model can act in between."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ticking(events: Iterator[T], seconds: float) -> Generator[T | None, None, None]:
    """The events as they come, and None whenever ``seconds`` went by without one. Closing it stops the reading."""
    arrived: queue.SimpleQueue[T | BaseException | object] = queue.SimpleQueue()
    stopped = threading.Event()

    def read() -> None:
        try:
            for event in events:
                arrived.put(event)
                if stopped.is_set():
                    return
            arrived.put(_END)
        except BaseException as error:
            arrived.put(error)
        finally:
            # Ends the request, if it is not at its end.
            if isinstance(events, Generator):
                events.close()

    threading.Thread(target=read, daemon=True).start()
    try:
        while True:
            try:
                event = arrived.get(timeout=seconds)
            except queue.Empty:
                yield None
                continue
            if event is _END:
                return
            if isinstance(event, BaseException):
                raise event
            yield event  # type: ignore[misc]
    finally:
        stopped.set()
