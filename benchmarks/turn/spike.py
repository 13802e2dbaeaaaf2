"""More users than a companion can answer: ``python -m benchmarks.turn.spike`` writes docs/spike.md and docs/spike.svg.

The example text-chat is served with room for so many turns at once, and turns arrive as planned: a calm time, a spike
of several times what it can answer, and a calm time again. Whoever is told to be busy sends again when told to.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import itertools
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from websockets.asyncio.client import connect

from companion_gate.serve.companion import LocalCompanion, Options
from companion_gate.serve.functions.pool import Invocation
from companion_gate.serve.launch import served

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
DOCS = REPOSITORY / "docs"
EXAMPLE = REPOSITORY / "examples" / "text-chat"
DEADLINE_SECONDS = 4.0
# Of a turn, with the model's words.
_ANSWER_SECONDS = 2.0
_SCRIPT = f"""
[[answer]]
when = ""
say = "Yes."
first_word_seconds = {_ANSWER_SECONDS}
"""


@dataclass
class Turn:
    """A turn of a user; moments in seconds since the begin."""

    user: str
    turn_id: str
    sent: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    first_text: float = 0.0
    ended: float = 0.0
    outcome: str = ""


@dataclass(frozen=True)
class Phase:
    """So many turns a second for so many seconds."""

    seconds: float
    rate: float


class Crowd:
    """Users with a connection each; one that waits for an answer takes no further turn."""

    def __init__(self, companion: LocalCompanion, text: str = "How are you?") -> None:
        self._companion = companion
        self._text = text
        self._crowd = secrets.token_hex(4)
        self._began = time.monotonic()
        self._idle: list[tuple[str, Any]] = []
        self._names = itertools.count(1)
        self._asking: set[asyncio.Task[None]] = set()
        self.turns: list[Turn] = []

    def now(self) -> float:
        return time.monotonic() - self._began

    async def gather(self, count: int) -> None:
        """Connect so many users."""
        for _ in range(count):
            user = f"{self._crowd}-{next(self._names)}"
            protocols: Any = ["companion.v1", self._companion.ticket(user)]
            socket = await connect(self._companion.gateway.url, subprotocols=protocols, compression=None)
            self._idle.append((user, socket))
        self._began = time.monotonic()

    async def run(self, phases: Sequence[Phase]) -> None:
        """Let turns arrive evenly, phase after phase, whatever became of those before; then wait for the last."""
        due = self.now()
        for phase in phases:
            for _ in range(round(phase.seconds * phase.rate)):
                await asyncio.sleep(max(0.0, due - self.now()))
                due += 1 / phase.rate
                if not self._idle:
                    raise RuntimeError("nobody is idle: gather more users")
                # The one that has been idle for the longest, so that no user meets the limit of turns a minute.
                task = asyncio.create_task(self._ask(*self._idle.pop(0)))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
        await asyncio.gather(*self._asking)

    async def leave(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(socket.close() for _, socket in self._idle))

    async def _ask(self, user: str, socket: Any) -> None:
        turn = Turn(user, f"turn-{len(self.turns)}")
        self.turns.append(turn)
        while not turn.ended:
            turn.sent.append(self.now())
            await socket.send(json.dumps({"action": "send", "turn_id": turn.turn_id, "text": self._text}))
            frame = await self._last(socket, turn)
            if frame["type"] == "busy":
                turn.busy.append(self.now())
                # Not all at once: a crowd that was refused together would come again together.
                await asyncio.sleep(frame["retry_after_ms"] / 1000 * (1 + len(turn.busy) % 3 / 2))
            else:
                turn.ended, turn.outcome = self.now(), frame["type"]
        self._idle.append((user, socket))

    async def _last(self, socket: Any, turn: Turn) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 120))
            if "type" not in frame:
                # API Gateway's throttle: a busy frame without a time.
                return {"type": "busy", "retry_after_ms": 2000}
            if frame["turn_id"] != turn.turn_id:
                raise RuntimeError("a frame of another turn")
            if frame["type"] == "text" and not turn.first_text:
                turn.first_text = self.now()
            if frame["type"] in ("end", "busy", "error"):
                return frame


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--environments", type=int, default=6, help="turns that are answered at once (default 6)")
    parser.add_argument("--calm", type=float, default=1.0, help="turns a second before and after (default 1)")
    parser.add_argument("--spike", type=float, default=8.0, help="turns a second in the spike (default 8)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the spike (default 20)")
    options = parser.parse_args(arguments)
    calm = Phase(15, options.calm)
    phases = [calm, Phase(options.seconds, options.spike), Phase(60, options.calm)]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.toml"
        script.write_text(_SCRIPT, encoding="utf-8")
        errors: list[str] = []
        how = Options(script=script, environments=options.environments, tell=functools.partial(_note_errors, errors))
        with served(EXAMPLE, how, tell=_tell) as companion:
            for key in ("ingest", "worker"):
                companion.function(key).warm(options.environments)
            crowd = Crowd(companion)
            asyncio.run(_all(crowd, phases))
            errors += companion.troubles
    if errors:
        raise SystemExit(f"this was no clean run: {errors[:5]}")
    _write(crowd.turns, phases, options.environments)
    return 0


def _note_errors(errors: list[str], done: Invocation) -> None:
    """Keep what a function failed at, or logged; metrics are lines of JSON."""
    logged = [line for line in done.lines if not line.startswith("{")]
    errors.extend([f"{done.function}: {done.error}"] if done.error else [f"{done.function}: {line}" for line in logged])


async def _all(crowd: Crowd, phases: Sequence[Phase]) -> None:
    await crowd.gather(round(phases[1].rate * phases[1].seconds) + 30)
    _tell("the crowd is there")
    await crowd.run(phases)
    _tell("every turn has ended")
    await crowd.leave()


def _write(turns: Sequence[Turn], phases: Sequence[Phase], environments: int) -> None:
    begins = phases[0].seconds
    ends = begins + phases[1].seconds
    groups = {
        "before": [turn for turn in turns if turn.sent[0] < begins],
        "in the spike": [turn for turn in turns if begins <= turn.sent[0] < ends],
        "after": [turn for turn in turns if turn.sent[0] >= ends],
    }
    in_time = DEADLINE_SECONDS + _ANSWER_SECONDS + 1
    late = [turn for turn in turns if turn.first_text - turn.sent[-1] > in_time]
    troubled = [max(turn.busy) for turn in turns if turn.busy]
    template = jinja2.Template((HERE / "spike.md.j2").read_text(encoding="utf-8"), keep_trailing_newline=True)
    page = template.render(
        phases=phases,
        environments=environments,
        capacity=environments / _ANSWER_SECONDS,
        answer=_ANSWER_SECONDS,
        deadline=DEADLINE_SECONDS,
        groups=[(name, *_told(each)) for name, each in groups.items()],
        sent=len(turns),
        answered=sum(turn.outcome == "end" for turn in turns),
        failed=sum(turn.outcome == "error" for turn in turns),
        lost=sum(not turn.ended for turn in turns),
        late=len(late),
        recovery=round(max([0.0, *(each - ends for each in troubled)])),
        users=len({turn.user for turn in turns}),
    )
    (DOCS / "spike.md").write_text(page, encoding="utf-8")
    # Here, because it takes seconds to import.
    from benchmarks.turn.plot import plot

    plot(turns, begins, ends, environments / _ANSWER_SECONDS, DOCS / "spike.svg")
    _tell("wrote docs/spike.md and docs/spike.svg")


def _told(turns: Sequence[Turn]) -> tuple[int, int, int, str, str]:
    """Turns, those that were busy, busy frames, and of the attempt that was answered p50 and p95 to its text."""
    waits = sorted(turn.first_text - turn.sent[-1] for turn in turns if turn.first_text)
    return (
        len(turns),
        sum(bool(turn.busy) for turn in turns),
        sum(len(turn.busy) for turn in turns),
        f"{statistics.median(waits):.1f}",
        f"{waits[min(len(waits) - 1, round(0.95 * len(waits)))]:.1f}",
    )


_tell = functools.partial(print, flush=True)

if __name__ == "__main__":
    sys.exit(main())
