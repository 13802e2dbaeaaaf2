"""``companion-gate serve``."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from companion_gate.errors import GateError

if TYPE_CHECKING:
    from companion_gate.serve.companion import LocalCompanion
    from companion_gate.serve.functions.pool import Invocation

_EPILOG = """\
The API, its routes, throttles, functions, queues and tables are those of the root, applied on an AWS inside this
process; nothing leaves loopback. The model, the guardrail's judgement, Polly, Transcribe and OpenSearch are scripted
stand-ins. Ctrl-C ends it, and everything is gone.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("root", type=Path, help="the Terraform root, such as examples/text-chat")
    parser.add_argument(
        "--port", type=_number, default=8765, help="of the page and the API; 0: a free one (default 8765)"
    )
    parser.add_argument("--account", default="", help="twelve digits, where the root's files do not name exactly one")
    parser.add_argument("--region", default="", help="where the root's files name none")
    parser.add_argument("--script", type=Path, help="a TOML file of what the stand-ins say and recognise")
    parser.add_argument(
        "--environments",
        type=_number,
        default=8,
        help="events of one function that are answered at once, at most; the deployed limits hold below it (default 8)",
    )
    parser.add_argument("--idle-timeout", type=_number, default=600, metavar="SECONDS", help="default 600, as at AWS")
    parser.add_argument("--max-duration", type=_number, default=7200, metavar="SECONDS", help="default 7200, as at AWS")
    parser.add_argument(
        "--message-limit", type=_number, default=131072, metavar="BYTES", help="default 131072, as at AWS"
    )
    parser.add_argument("--frame-limit", type=_number, default=32768, metavar="BYTES", help="default 32768, as at AWS")
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
        environments=max(1, options.environments),
        limits=Limits(options.idle_timeout, options.max_duration, options.message_limit, options.frame_limit),
        script=options.script or script.DEFAULT,
        times=published() if options.service_times == "published" else ServiceTimes(),
        tell=_tell_invocation,
    )
    root = options.root.absolute()
    with served(root, chosen, account=options.account, region=options.region, tell=_tell) as companion:
        _introduce(companion)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
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


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)
