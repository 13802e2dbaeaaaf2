"""Forks execution environments from a process that has boto3 loaded already: one costs milliseconds and little memory.

``python -m companion_gate.serve.functions.forker ADDRESS``: each line of standard input asks for one environment, which
connects to ADDRESS (a Unix socket) and says its process id. The end of standard input ends it.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Client

# What every handler imports: loaded once, before the first fork.
import boto3  # noqa: F401

from companion_gate.serve.functions import environment


def main(address: str) -> int:
    """Exit status 0, when nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nobody waits for the environments, so the system reaps them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if os.fork() == 0:
            _become_environment(address)
    return 0


def _become_environment(address: str) -> None:
    os.close(0)
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with Client(address, "AF_UNIX") as pipe:
            pipe.send(os.getpid())
            environment.run(pipe)
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
