"""What the hermetic proofs share: credentials that look real, and a watch on every connection of a program."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

# AWS docs' own example key; 192.0.2.1 is reserved for documentation (RFC 5737) and is routed nowhere.
REAL_KEY = "AKIAIOSFODNN7EXAMPLE"
OUTSIDE = "192.0.2.1"

# In CI the proof must run; on a machine without strace it is left out, with this reason in pytest's summary.
needs_strace = pytest.mark.skipif(
    sys.platform != "linux" or (shutil.which("strace") is None and not os.environ.get("CI")),
    reason="connections are watched with strace, on Linux: apt-get install strace",
)


def traced(log: str) -> list[str]:
    """The beginning of a command line that writes every connection of the program and its children to ``log``."""
    strace = shutil.which("strace")
    assert strace, "this proof needs strace: apt-get install strace"
    return [strace, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", log]


# Brings loopback up, which is all that a new network namespace has, and becomes the command behind it.
_LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 1 | 64))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING
os.execvp(sys.argv[1], sys.argv[1:])
"""


def alone_on_loopback() -> list[str]:
    """The beginning of a command line that runs the program where there is no network but loopback."""
    return ["unshare", "--map-root-user", "--net", sys.executable, "-c", _LOOPBACK_UP]


@cache
def has_namespaces() -> bool:
    """Whether this user may make a network namespace."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*alone_on_loopback(), "true"], capture_output=True, check=False).returncode == 0


def addresses(trace: Path) -> set[str]:
    """host:port of every network address that a traced process tree connected or sent to."""
    found = re.findall(
        r'sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?"([0-9a-fA-F:.]+)"', trace.read_text(errors="replace")
    )
    return {f"{host}:{port}" for port, host in found}


def outside(seen: set[str]) -> set[str]:
    """What of it is not on loopback."""
    return {place for place in seen if not ipaddress.ip_address(place.rsplit(":", 1)[0]).is_loopback}


def deployers_environment(home: Path) -> dict[str, str]:
    """This process's environment with credentials, profile, endpoint, CA and proxy as on a deployer's machine."""
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text(f"[profile prod]\nregion = eu-west-1\nendpoint_url = http://{OUTSIDE}\n")
    (home / ".aws" / "credentials").write_text(f"[prod]\naws_access_key_id = {REAL_KEY}\naws_secret_access_key = x\n")
    return dict(os.environ) | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "AWS_ACCESS_KEY_ID": REAL_KEY,
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN": "token",
        "AWS_PROFILE": "prod",
        "AWS_ENDPOINT_URL": f"http://{OUTSIDE}",
        "AWS_ENDPOINT_URL_STS": f"http://{OUTSIDE}",
        "AWS_CA_BUNDLE": "/nonexistent/ca.pem",
        "HTTP_PROXY": f"http://{OUTSIDE}:3128",
    }
