"""The provider processes of a lane: one for each provider configuration, because two on one process mix silently."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.fastlane.provider import Provider

# Resident memory of provider 5.100 is about 0.4 GB each (measured), so idle ones are ended beyond this number.
KEPT = 4


class ProviderPool:
    """Starts, lends and ends the processes of one provider program; threads may share it.

    Whoever got a process from `any` or `configured` gives it back with `release`.
    """

    def __init__(self, program: Path, env: Mapping[str, str], folder: Path) -> None:
        self._program, self._env, self._folder = program, env, folder
        self._lock = threading.Lock()
        # Least recently lent first.
        self._providers: list[Provider] = []
        self._closed = False

    def any(self) -> Provider:
        """A process for calls that no configuration can change: schemas, and validation as Terraform asks for it
        before it configures. One without a configuration is preferred."""
        with self._lock:
            running = self._running()
            found = next((each for each in running if each.digest is None), running[-1] if running else None)
            return self._lend(found or self._start())

    def configured(self, digest: str) -> Provider:
        """The process that has, or may be given, the configuration with this digest, and never another."""
        with self._lock:
            running = self._running()
            found = next((each for each in running if each.digest == digest), None)
            found = found or next((each for each in running if each.digest is None), None) or self._start()
            found.digest = digest
            return self._lend(found)

    def release(self, provider: Provider) -> None:
        """Give a process back."""
        with self._lock:
            provider.leases -= 1

    @property
    def pids(self) -> list[int]:
        """Process ids of the running providers."""
        with self._lock:
            return [each.pid for each in self._running()]

    def close(self) -> None:
        """End all processes; later requests raise GateError."""
        with self._lock:
            self._closed = True
            ended, self._providers = self._providers, []
        for provider in ended:
            provider.kill()

    def _running(self) -> list[Provider]:
        for provider in [each for each in self._providers if not each.alive]:
            provider.kill()
            self._providers.remove(provider)
        return self._providers

    def _start(self) -> Provider:
        if self._closed:
            raise GateError("the fast lane is closed")
        while len(self._providers) >= KEPT:
            idle = next((each for each in self._providers if each.leases == 0), None)
            if idle is None:
                break
            self._providers.remove(idle)
            idle.kill()
        provider = Provider(self._program, self._env, self._folder)
        self._providers.append(provider)
        return provider

    def _lend(self, provider: Provider) -> Provider:
        provider.leases += 1
        self._providers.remove(provider)
        self._providers.append(provider)
        return provider
