"""LocalStack for ``--aws localstack``: the one at LOCALSTACK_ENDPOINT, or one that is installed and started here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from companion_gate.aws.localstack.environment import interpreter
from companion_gate.aws.localstack.process import started
from companion_gate.aws.localstack.services import FORGETS, LEAVES, missing, version
from companion_gate.errors import GateError
from companion_gate.terraform.environment import is_loopback

__all__ = ["FORGETS", "LEAVES", "LocalStack", "localstack"]

ENDPOINT_VARIABLE = "LOCALSTACK_ENDPOINT"


@dataclass(frozen=True)
class LocalStack:
    """One that answers at `url` (without a slash at its end)."""

    url: str
    version: str
    how: str
    missing: Mapping[str, str]
    """Service (by botocore's name) or resource type to the reason why this one cannot exercise it."""


@contextmanager
def localstack(environ: Mapping[str, str]) -> Iterator[LocalStack]:
    """The LocalStack of a run. One that was found is left running; one that was started ends with the context.

    Raises GateError for a LOCALSTACK_ENDPOINT that is not on loopback or no LocalStack, and where none can be installed
    or started.
    """
    if endpoint := environ.get(ENDPOINT_VARIABLE):
        if not (endpoint.startswith(("http://", "https://")) and is_loopback(endpoint)):
            raise GateError(
                f"{ENDPOINT_VARIABLE}={endpoint} is not a URL on this machine, and the gate must not reach a real "
                "account: name a container's published port, such as http://127.0.0.1:4566"
            )
        url = endpoint.rstrip("/")
        yield LocalStack(url, version(url), f"found at {ENDPOINT_VARIABLE}", missing(url))
        return
    with started(interpreter(environ)) as url:
        yield LocalStack(url, version(url), "started from its Python package", missing(url))
