"""Token buckets, as a stage's throttles are (AWS docs: API Gateway, "Throttle requests")."""

from __future__ import annotations

import threading
import time

from companion_gate.serve.deployed import Throttle


class TokenBucket:
    """Filled with ``rate`` tokens a second up to ``burst``; it begins full."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._tokens = float(throttle.burst)
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether there was a token to take."""
        with self._lock:
            now = time.monotonic()
            gained = (now - self._filled) * self._throttle.rate
            self._tokens, self._filled = min(float(self._throttle.burst), self._tokens + gained), now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
