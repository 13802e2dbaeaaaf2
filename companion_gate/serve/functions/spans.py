"""How long a function waited for services, call by call: what is left of its time is its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Span:
    """A request: ``operation`` as "dynamodb.Query", or "http.POST" of one that no client made; when it was sent (epoch
    seconds), and how long the answer took.

    ``waited`` is what was added so that the call takes as long as the service would.
    """

    operation: str
    began: float
    seconds: float
    waited: float


class Spans:
    """Follows every request that boto3's default session, or an HTTP session of botocore, makes in this process.

    A call takes at the least the seconds that ``least`` has for its service, by botocore's name of it.
    """

    def __init__(self, least: Mapping[str, float]) -> None:
        self._least = least
        self._lock = threading.Lock()
        self._spans: list[Span] = []
        self._thread = threading.local()

    def follow(self) -> None:
        """From now on."""
        # Here, because the process that answers is forked from one that has it.
        import boto3
        from botocore.httpsession import URLLib3Session

        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        events = boto3.DEFAULT_SESSION.events
        events.register("before-send.*.*", self._sent)
        events.register("response-received.*.*", self._received)
        send = URLLib3Session.send

        def followed(session: Any, request: Any) -> Any:
            if getattr(self._thread, "began", 0.0):
                return send(session, request)
            began = time.time()
            try:
                return send(session, request)
            finally:
                self._keep("http", request.method, began)

        URLLib3Session.send = followed

    def take(self) -> list[Span]:
        """What was followed since the last time."""
        with self._lock:
            taken, self._spans = self._spans, []
        return taken

    def _sent(self, **_: Any) -> None:
        self._thread.began = time.time()

    def _received(self, event_name: str, **_others: Any) -> None:
        began, self._thread.began = self._thread.began, 0.0
        service, operation = event_name.split(".", 2)[1:]
        self._keep(service, operation, began)

    def _keep(self, service: str, operation: str, began: float) -> None:
        took = time.time() - began
        waited = max(0.0, self._least.get(service, 0.0) - took)
        if waited:
            time.sleep(waited)
        with self._lock:
            self._spans.append(Span(f"{service}.{operation}", began, took, waited))
