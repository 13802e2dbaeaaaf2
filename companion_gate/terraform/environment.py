"""The environment Terraform runs in: built from nothing, so that no real account can be reached."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from companion_gate.errors import GateError

# The region of a root that names none; fixed, so that a verdict is the same on every machine. A provider block's own
# region wins over it (AWS provider docs: "Authentication and Configuration").
DEFAULT_REGION = "us-east-1"
DUMMY_ACCESS_KEY = "companion-gate-dummy"
# TCP port 9 is "discard" (IANA service names); assumed to be unserved on loopback, so that connections are refused.
DEAD_END = "http://127.0.0.1:9"

_KEPT = frozenset({"PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT"})
_KEPT_PREFIXES = ("LC_", "TF_VAR_")
# Terraform's registry client: proxies and CA files as Go reads them, and its own time limits (Terraform docs:
# "Environment Variables").
_REGISTRY_ACCESS = frozenset(
    {
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "TF_REGISTRY_DISCOVERY_RETRY",
        "TF_REGISTRY_CLIENT_TIMEOUT",
    }
)


def is_loopback(url: str) -> bool:
    """Whether an http(s) URL, or a bare host[:port], names this machine and cannot name another."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return False
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def hermetic_environment(
    base: Mapping[str, str], *, endpoint_url: str | None, cli_config: Path, home: Path, tmp: Path
) -> dict[str, str]:
    """The whole environment for plan, show, apply and destroy.

    `endpoint_url` is the emulated AWS on loopback; None points every AWS call at a dead end. `home` and `tmp` are
    existing private folders; two empty AWS configuration files are made under `home`. From `base` only the path, the
    language, the time zone and TF_VAR_* are taken. Raises GateError when the endpoint is not on loopback.
    """
    if endpoint_url is not None and not (
        endpoint_url.startswith(("http://", "https://")) and is_loopback(endpoint_url)
    ):
        raise GateError(
            f"AWS endpoint {endpoint_url!r} is not a loopback URL; the gate talks only to an emulated AWS on this "
            "machine, such as http://127.0.0.1:4566"
        )
    environment = _bare(base, cli_config, home, tmp)
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        environment[name] = environment[name.lower()] = DEAD_END
    environment["NO_PROXY"] = environment["no_proxy"] = "localhost,127.0.0.1,::1"
    environment["AWS_ENDPOINT_URL"] = endpoint_url or DEAD_END
    environment["AWS_ACCESS_KEY_ID"] = environment["AWS_SECRET_ACCESS_KEY"] = DUMMY_ACCESS_KEY
    environment["AWS_REGION"] = environment["AWS_DEFAULT_REGION"] = DEFAULT_REGION
    return environment


def init_environment(
    base: Mapping[str, str], *, cli_config: Path, home: Path, tmp: Path, plugin_cache: Path | None
) -> dict[str, str]:
    """The environment of `terraform init`, which may reach the provider registry through the user's proxy and CA.

    It holds no AWS key, not even a dummy: init with the local backend needs none. `plugin_cache` is the folder shared
    by the roots of one gate run; None leaves the choice to `cli_config`.
    """
    environment = _bare(base, cli_config, home, tmp)
    environment |= {name: value for name, value in base.items() if name.upper() in _REGISTRY_ACCESS}
    if plugin_cache is not None:
        environment["TF_PLUGIN_CACHE_DIR"] = str(plugin_cache)
        # The cache is private to the gate: all that lies in it was verified when it was put there, and the lock file
        # this could leave incomplete is a copy.
        environment["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return environment


def _bare(base: Mapping[str, str], cli_config: Path, home: Path, tmp: Path) -> dict[str, str]:
    environment = {
        name: value for name, value in base.items() if name.upper() in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    empty_config, empty_credentials = home / "aws-config", home / "aws-credentials"
    for file in (empty_config, empty_credentials):
        file.write_bytes(b"")
    environment |= {
        "HOME": str(home),
        "TMPDIR": str(tmp),
        "TF_CLI_CONFIG_FILE": str(cli_config),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "AWS_CONFIG_FILE": str(empty_config),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty_credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return environment
