"""Where a turn's milliseconds go: ``python -m benchmarks.turn.latency [--turns 40]`` writes docs/latency.md.

The example voice-companion is served twice: with services that take no time of their own, so that what is left is the
handlers' code; and with services that take the times of `companion_gate/serve/service_times.toml`.
"""

from __future__ import annotations

import argparse
import functools
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from websockets.sync.client import connect

from companion_gate.serve.companion import LocalCompanion, Options
from companion_gate.serve.functions.pool import Invocation
from companion_gate.serve.functions.spans import Span
from companion_gate.serve.launch import applied
from companion_gate.serve.times import ServiceTimes, published

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
RESULT = REPOSITORY / "docs" / "latency.md"
EXAMPLE = REPOSITORY / "examples" / "voice-companion"
# Of each connection; the first one also discloses, and is not counted.
_TURNS_OF_USER = 5
_SCRIPT = """
[[answer]]
when = ""
say = "That sounds like a good plan to me. I would like to hear how it went. Tell me more about it when you have time."
"""
_POST = "apigatewaymanagementapi.PostToConnection"
_CONVERSE = "bedrock-runtime.ConverseStream"
_POLLY = "polly.SynthesizeSpeech"


@dataclass(frozen=True)
class Turn:
    """One turn: seconds as the client sees them, and what its two functions did."""

    first_text: float
    first_audio: float | None
    ingest: Invocation
    worker: Invocation


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=40, help="measured turns of each kind (default 40)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.toml"
        script.write_text(_SCRIPT, encoding="utf-8")
        with applied(EXAMPLE, tell=_tell) as (deployed, aws):
            runs = []
            for times in (ServiceTimes(), published()):
                done: list[Invocation] = []
                how = Options(script=script, times=times, environments=2, tell=done.append)
                with LocalCompanion(deployed, aws, how) as companion:
                    companion.function("ingest").warm(1)
                    companion.function("worker").warm(1)
                    texts = list(_turns(companion, done, options.turns, ""))
                    voices = list(_turns(companion, done, options.turns, "en-GB"))
                runs.append((texts, voices))
                _tell(f"{len(texts) + len(voices)} turns measured")
    RESULT.write_text(_page(runs[0], runs[1], published()), encoding="utf-8")
    _tell(f"wrote {RESULT.relative_to(REPOSITORY)}")
    return 0


def _turns(companion: LocalCompanion, done: list[Invocation], count: int, voice: str) -> Iterable[Turn]:
    for number in range(0, count, _TURNS_OF_USER):
        # Somebody new: whose turn was answered in the run before is not answered again.
        user = f"{secrets.token_hex(4)}-{number}"
        protocols: Any = ["companion.v1", companion.ticket(user)]
        with connect(companion.gateway.url, subprotocols=protocols, compression=None) as socket:
            for turn in range(_TURNS_OF_USER + 1):
                began = time.monotonic()
                measured = _turn(companion, done, socket, f"{turn}", voice)
                if turn:
                    yield measured
                # No faster than the stage lets turns through for long.
                rate = companion.deployed.api.routes["send"].throttle.rate
                time.sleep(max(0.0, began + 1 / rate - time.monotonic()))


def _turn(companion: LocalCompanion, done: list[Invocation], socket: Any, turn_id: str, voice: str) -> Turn:
    frame = {"action": "send", "turn_id": turn_id, "text": f"My plan number {turn_id} is a walk by the river"}
    seen = len(done)
    began, came = time.time(), dict[str, float]()
    socket.send(json.dumps(frame | ({"voice": voice} if voice else {})))
    while "end" not in came:
        kind = json.loads(socket.recv(60))["type"]
        came.setdefault(kind, time.time() - began)
        if kind not in ("disclosure", "text", "audio", "end"):
            raise RuntimeError(f"a turn was answered with {kind}")
    ingest, worker = (companion.function(key).function.name for key in ("ingest", "worker"))
    # The worker ends after its last frame.
    while not {ingest, worker} <= (of := {each.function: each for each in done[seen:]}).keys():
        time.sleep(0.005)
    return Turn(came["text"], came.get("audio"), of[ingest], of[worker])


def _own(done: Invocation, since: float, until: float) -> float:
    """Milliseconds between two moments in which a function waited for no service."""
    own, end = until - since, since
    for span in sorted(done.spans, key=lambda each: each.began):
        begins, ends = max(span.began, end), min(_ended(span), until)
        if ends > begins:
            own -= ends - begins
            end = ends
    return own * 1000


def _ended(span: Span) -> float:
    return span.began + span.seconds + span.waited


def _span(done: Invocation, operation: str, after: float = 0.0) -> Span:
    return next(
        each
        for each in sorted(done.spans, key=lambda each: each.began)
        if each.operation == operation and each.began >= after
    )


def _stages(texts: Sequence[Turn], voices: Sequence[Turn]) -> list[tuple[str, list[float]]]:
    """Milliseconds of our own code by stage."""

    def ingest(turn: Turn) -> float:
        began = turn.ingest.handler_began
        return _own(turn.ingest, began, _ended(turn.ingest.spans[-1]))

    def recall(turn: Turn) -> float:
        return _own(turn.worker, turn.worker.handler_began, _span(turn.worker, _CONVERSE).began)

    def first_text(turn: Turn) -> float:
        answered = _ended(_span(turn.worker, _CONVERSE))
        return _own(turn.worker, answered, _span(turn.worker, _POST, answered).began)

    def first_audio(turn: Turn) -> float:
        speech = _span(turn.worker, _POLLY)
        return _own(turn.worker, _ended(speech), _span(turn.worker, _POST, _ended(speech)).began)

    return [
        ("ingest: check the frame, count, queue", [ingest(turn) for turn in texts]),
        ("worker: claim, recall, compose the prompt", [recall(turn) for turn in texts]),
        ("worker: first token out, from the model's first byte", [first_text(turn) for turn in texts]),
        ("worker: first audio frame out, from Polly's first byte", [first_audio(turn) for turn in voices]),
    ]


def _emulated(turns: Sequence[Turn], until: Callable[[Turn], float]) -> float:
    """Median milliseconds by which the emulator took longer than the services that it stands for."""
    least = published().quantiles
    named = {name: least[name].at(0.5) for name in ("dynamodb", "sqs", "apigatewaymanagementapi")}
    return statistics.median(
        sum(
            max(0.0, span.seconds - named.get(span.operation.partition(".")[0], span.seconds)) * 1000
            for done in (turn.ingest, turn.worker)
            for span in done.spans
            if span.began < until(turn)
        )
        for turn in turns
    )


def _page(own: Any, with_times: Any, times: ServiceTimes) -> str:
    texts, voices = with_times
    text = sorted(turn.first_text * 1000 for turn in texts)
    audio = sorted(turn.first_audio * 1000 for turn in voices if turn.first_audio is not None)
    voice = sorted(each + times.sample("transcribe") * 1000 for each in audio)
    paths = [("text to first token", text), ("text to first audio", audio), ("voice to first audio", voice)]
    template = jinja2.Template((HERE / "latency.md.j2").read_text(encoding="utf-8"), keep_trailing_newline=True)
    return template.render(
        stages=[(name, _quantile(values, 0.5), _quantile(values, 0.95)) for name, values in _stages(*own)],
        paths=[
            (
                name,
                *(round(_quantile(values, share)) for share in (0.5, 0.95)),
                round(values[0]),
                sum(value < 300 for value in values),
                len(values),
            )
            for name, values in paths
        ],
        services=sorted(times.quantiles.items()),
        emulated=round(_emulated(texts, lambda turn: turn.worker.handler_began + turn.worker.seconds)),
        turns=len(texts),
        per_user=_TURNS_OF_USER,
    )


def _quantile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


_tell = functools.partial(print, flush=True)

if __name__ == "__main__":
    sys.exit(main())
