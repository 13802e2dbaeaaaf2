"""Which AWS a run talks to: the embedded one, or one that already listens on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from companion_gate.aws import DEFAULT_ACCOUNT
from companion_gate.aws.server import EmbeddedAws
from companion_gate.errors import GateError
from companion_gate.terraform.environment import is_loopback


@dataclass(frozen=True)
class AwsTarget:
    """An AWS on loopback: `url` is the endpoint of every service, without a slash at its end."""

    name: str
    url: str
    gaps: list[str] = field(default_factory=list)
    """What was asked for and is not implemented; only the embedded AWS tells."""

    embedded: EmbeddedAws | None = None

    def client(self, service: str, region: str = "us-east-1", account: str = DEFAULT_ACCOUNT) -> Any:
        """A boto3 client of it; no AWS_* variable, profile or proxy of the process has a say in it.

        Raises `GateError` where the embedded AWS cannot be started.
        """
        if self.embedded is not None:
            return self.embedded.client(service, region, account)
        # Here, because boto3 takes a moment to import.
        from companion_gate.aws.session import loopback_client

        return loopback_client(self.url, service, region, account)


@contextmanager
def aws_target(choice: str, port: int = 0) -> Iterator[AwsTarget]:
    """The AWS that ``--aws choice`` names, for as long as the context lasts.

    `choice` is ``embedded``, or a URL on loopback that something answers already. `port` is the embedded server's (0: a
    free one); it listens at once, and costs nothing before somebody connects. Raises `GateError` for any other choice
    and for a port that is taken.
    """
    if choice == "embedded":
        with EmbeddedAws(port) as server:
            yield AwsTarget("embedded", server.url, server.gaps, server)
        return
    yield AwsTarget("URL", _loopback_url(choice))


def _loopback_url(choice: str) -> str:
    if choice == "localstack":
        raise GateError(
            "--aws localstack comes in a later release: start LocalStack yourself and pass its URL, for example "
            "--aws http://127.0.0.1:4566, or use --aws embedded"
        )
    try:
        url = urlsplit(choice)
        complete = url.scheme in ("http", "https") and url.hostname is not None and url.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise GateError(f"--aws {choice!r} is neither 'embedded' nor a URL: pass 'embedded' or http://127.0.0.1:PORT")
    if not is_loopback(choice):
        raise GateError(
            f"--aws {choice!r} is not on this machine, and the gate must not reach a real account: "
            "pass a URL whose host is localhost, ::1 or in 127.0.0.0/8"
        )
    return choice.rstrip("/")
