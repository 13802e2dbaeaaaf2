"""boto3 sessions that read nothing from the process around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

import boto3
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.loaders import create_loader
from botocore.session import Session as BotocoreSession

# One loader for all sessions: it keeps the models of services, which take up to a second to read.
_LOADER = create_loader()
# An empty name is never found; botocore's default would be files in the user's home directory.
_NO_FILES = {"config_file": "", "credentials_file": ""}
# Two threads that replaced boto3's session class at once could leave it replaced.
_IMPORTING = Lock()
_THREAD = local()


def isolated_botocore_session() -> Any:
    """A botocore session without the AWS_* variables, the profiles and the config files of this process.

    botocore takes each setting from an environment variable or from a config file; here both sources are unnamed, so
    that only botocore's own defaults are left.
    """
    variables = {
        name: (None, None, _NO_FILES.get(name, default), convert)
        for name, (_, _, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    session = BotocoreSession(session_vars=variables)
    session.register_component("data_loader", _LOADER)
    return session


def isolated_session() -> Any:
    """A ``boto3.Session`` on an `isolated_botocore_session`."""
    return boto3.Session(botocore_session=isolated_botocore_session())


def loopback_client(url: str, service: str, region: str, account: str) -> Any:
    """A boto3 client of `service` at `url`, with made-up credentials; nothing of the process has a say in it.

    `account` is the twelve-digit account that the emulated AWS books its resources under.
    """
    client = isolated_session().client(
        service,
        region_name=region,
        endpoint_url=url,
        # LocalStack takes an access key of twelve digits as the account, and so does the embedded server.
        aws_access_key_id=account,
        aws_secret_access_key="testing",  # noqa: S106  (an emulator checks no signature)
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )

    def name_account(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = account

    client.meta.events.register("before-sign.*.*", name_account)
    return client


class _Session(boto3.Session):  # type: ignore[misc]  # boto3 is untyped
    """boto3's own, and isolated for threads that are inside `isolated_imports`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        if getattr(_THREAD, "imports", False):
            named["botocore_session"] = isolated_botocore_session()
        super().__init__(*arguments, **named)


@contextmanager
def isolated_imports() -> Iterator[None]:
    """Give isolated sessions to modules that make one while this thread imports them, as some of moto's do.

    A profile that does not exist would stop them. Sessions that other threads make meanwhile are boto3's own.
    """
    with _IMPORTING:
        original, boto3.Session, _THREAD.imports = boto3.Session, _Session, True
        try:
            yield
        finally:
            boto3.Session, _THREAD.imports = original, False
