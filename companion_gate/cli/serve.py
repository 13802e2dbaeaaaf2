"""``companion-gate serve``."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from companion_gate.errors import GateError

if TYPE_CHECKING:
    from companion_gate.serve.companion import LocalCompanion
    from companion_gate.serve.functions.pool import Invocation

_LAST_PORT = 65535
_AWAKE_SECONDS = 0.5
# AWS docs: API Gateway, WebSocket API quotas.
_LIMITS = (
    ("--idle-timeout", "SECONDS", 600),
    ("--max-duration", "SECONDS", 7200),
    ("--message-limit", "BYTES", 131072),
    ("--frame-limit", "BYTES", 32768),
)
_EPILOG = """\
The API, its routes, throttles, functions, queues and tables are those of the root, applied on an AWS inside this
process; nothing leaves loopback. The model, the guardrail's judgement, Polly, Transcribe and OpenSearch are scripted
stand-ins. Ctrl-C ends it, and everything is gone.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("root", type=Path, help="the Terraform root, such as examples/text-chat")
    parser.add_argument("--port", type=_port, default=8765, help="of page and API; 0: a free one (default 8765)")
    parser.add_argument("--account", type=_account, help="twelve digits, where the root does not name exactly one")
    parser.add_argument("--region", type=_region, help="where the root's files name none")
    parser.add_argument("--script", type=Path, help="a TOML file of what the stand-ins say and recognise")
    parser.add_argument(
        "--environments",
        type=_positive,
        default=8,
        help="events of one function that are answered at once, at most; the deployed limits hold below it (default 8)",
    )
    for name, unit, default in _LIMITS:
        parser.add_argument(name, type=_positive, default=default, metavar=unit, help=f"default {default}, as at AWS")
    parser.add_argument(
        "--service-times", choices=["none", "published"], default="none", help="published: services take their time"
    )


def run(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("websockets") is None:
        raise GateError("serving needs the package websockets: pip install 'companion-gate[serve]'")
    # Here, because they need it.
    from companion_gate.serve.companion import Options
    from companion_gate.serve.gateway.server import Limits
    from companion_gate.serve.launch import served
    from companion_gate.serve.standins import script
    from companion_gate.serve.times import ServiceTimes, published

    chosen = Options(
        port=options.port,
        environments=options.environments,
        limits=Limits(options.idle_timeout, options.max_duration, options.message_limit, options.frame_limit),
        script=options.script or script.DEFAULT,
        times=published() if options.service_times == "published" else ServiceTimes(),
        tell=_tell_invocation,
        warn=lambda line: _tell(f"  ! {line}"),
    )
    root = options.root.absolute()
    with served(root, chosen, account=options.account or "", region=options.region or "", tell=_tell) as companion:
        _introduce(companion)
        with contextlib.suppress(KeyboardInterrupt):
            # A signal may reach another thread, and Python looks for it only when this one wakes.
            while True:
                time.sleep(_AWAKE_SECONDS)
        _tell("ending")
    return 0


def _introduce(companion: LocalCompanion) -> None:
    """Where it is, and what to try."""
    _tell("")
    _tell(f"  Open {companion.gateway.page_url} and press Connect.")
    _tell(f"  Clients connect to {companion.gateway.url} (docs/protocol.md)")
    _tell(f"  with a ticket from {companion.gateway.page_url}ticket?user=ann")
    _tell("")
    _tell("  Try: My cat is called Mimi · What is my cat called? · Tell me a story · How can I reach you?")
    _tell("  · I want to hurt myself · Erase me. What waits behind long answers is busy after the deadline.")
    _tell("  Ctrl-C ends it.")
    _tell("")


def _tell_invocation(done: Invocation) -> None:
    """One line for each event that a function answered; never what a user wrote."""
    outcome = done.error["errorType"] if done.error else "ok"
    _tell(f"  {done.function}  {done.seconds * 1000:.0f} ms{'  cold' if done.cold else ''}  {outcome}")
    for line in done.lines:
        if not line.startswith("{"):
            _tell(f"    {line}")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a whole number from 0 to {_LAST_PORT}")
    return int(text)


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no account: twelve digits")
    return text


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no Region, such as eu-central-1")
    return text
