"""Which AWS a run talks to: the embedded one, LocalStack, or one that already listens on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from companion_gate.aws import DEFAULT_ACCOUNT
from companion_gate.aws.server import EmbeddedAws
from companion_gate.errors import GateError
from companion_gate.terraform.environment import is_loopback

# The type of the resource, before its name and index, and the arguments.
_CHANGE = re.compile(r"update (?:[^ ]*\.)?(aws_\w+)\.[^. ]+ \((.+)\)")


@dataclass(frozen=True)
class AwsTarget:
    """An AWS on loopback: `url` is the endpoint of every service, without a slash at its end."""

    name: str
    url: str
    gaps: list[str] = field(default_factory=list)
    """What was asked for and is not implemented; only the embedded AWS tells."""

    embedded: EmbeddedAws | None = None
    account: str = DEFAULT_ACCOUNT
    """The twelve-digit account that this process deploys to: others may use the same AWS at the same time."""

    missing: Mapping[str, str] = field(default_factory=dict)
    """Service (by botocore's name) or resource type to the reason why this AWS cannot exercise it."""

    forgets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Resource type to the arguments that it does not read back, so that every plan would change them again."""

    leaves: Mapping[str, str] = field(default_factory=dict)
    """Resource type to the reason why one may stay that no Terraform made."""

    def explains(self, change: str) -> bool:
        """Whether a planned change ("update module.x.aws_y.z (ttl)") is only what this AWS `forgets`."""
        found = _CHANGE.fullmatch(change)
        if found is None:
            return False
        forgotten = self.forgets.get(found[1], frozenset())
        return set(found[2].split(", ")) <= forgotten

    @property
    def limits(self) -> list[str]:
        """What it cannot do, in lines for a report; the embedded AWS has its own list of what it cannot exercise."""
        missing = [f"{service}: {reason}" for service, reason in self.missing.items()]
        forgets = [f"{type_} ({', '.join(sorted(names))}): not read back" for type_, names in self.forgets.items()]
        return [*missing, *forgets, *(f"{type_} may stay: {reason}" for type_, reason in self.leaves.items())]

    def client(self, service: str, region: str = "us-east-1", account: str | None = None) -> Any:
        """A boto3 client of it; no AWS_* variable, profile or proxy of the process has a say in it.

        Raises `GateError` where the embedded AWS cannot be started.
        """
        if self.embedded is not None:
            return self.embedded.client(service, region, account or self.account)
        # Here, because boto3 takes a moment to import.
        from companion_gate.aws.session import loopback_client

        return loopback_client(self.url, service, region, account or self.account)


@contextmanager
def aws_target(choice: str, port: int = 0, environ: Mapping[str, str] = MappingProxyType({})) -> Iterator[AwsTarget]:
    """The AWS that ``--aws choice`` names, for as long as the context lasts.

    `choice` is ``embedded``, ``localstack``, or a URL on loopback that something answers already. `port` is the
    embedded server's (0: a free one); it listens at once, and costs nothing before somebody connects. `environ` says
    where LocalStack is found, and which worker of pytest-xdist this is. Raises `GateError` for any other choice, for a
    port that is taken, and for a LocalStack that cannot be had.
    """
    if choice == "embedded":
        with EmbeddedAws(port) as server:
            yield AwsTarget("embedded", server.url, server.gaps, server)
    elif choice == "localstack":
        # Here, because only this choice needs it.
        from companion_gate.aws.localstack import FORGETS, LEAVES, localstack

        with localstack(environ) as running:
            name = f"LocalStack {running.version}, {running.how}"
            account = _account(environ)
            yield AwsTarget(name, running.url, [], None, account, running.missing, FORGETS, LEAVES)
    else:
        yield AwsTarget("URL", _loopback_url(choice), account=_account(environ))


def _account(environ: Mapping[str, str]) -> str:
    """An account for each worker: an AWS outside this process is the same for all of them."""
    worker = environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return str(int(DEFAULT_ACCOUNT) + 1 + int(worker)) if worker.isdecimal() else DEFAULT_ACCOUNT


def _loopback_url(choice: str) -> str:
    try:
        url = urlsplit(choice)
        complete = url.scheme in ("http", "https") and url.hostname is not None and url.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise GateError(
            f"--aws {choice!r} is not 'embedded', 'localstack' or a URL: pass one of the two, or http://127.0.0.1:PORT"
        )
    if not is_loopback(choice):
        raise GateError(
            f"--aws {choice!r} is not on this machine, and the gate must not reach a real account: "
            "pass a URL whose host is localhost, ::1 or in 127.0.0.0/8"
        )
    return choice.rstrip("/")
