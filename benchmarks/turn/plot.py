"""The picture of a spike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl

mpl.use("svg")
# The same picture for the same numbers, and text that can be read by a screen reader.
mpl.rcParams.update({"svg.hashsalt": "spike", "svg.fonttype": "none", "font.size": 9})

from matplotlib import pyplot  # noqa: E402

if TYPE_CHECKING:
    from benchmarks.turn.spike import Turn

_BIN_SECONDS = 2


def plot(turns: Sequence[Turn], begins: float, ends: float, capacity: float, file: Path) -> None:
    """Turns a second by what became of them, and the wait of each attempt that was answered."""
    figure, (rates, waits) = pyplot.subplots(2, 1, sharex=True, figsize=(8, 5.5), layout="constrained")
    last = max(turn.ended for turn in turns)
    for name, moments, style in (
        ("sent, again or for the first time", [at for turn in turns for at in turn.sent], ":"),
        ("answered", [turn.ended for turn in turns], "-"),
        ("busy", [at for turn in turns for at in turn.busy], "--"),
    ):
        xs = [number * _BIN_SECONDS for number in range(int(last // _BIN_SECONDS) + 1)]
        rates.step(xs, _rates(moments, len(xs)), style, where="post", label=name)
    rates.axhline(capacity, color="grey", linewidth=0.8)
    rates.annotate("what can be answered", (0, capacity), xytext=(2, 3), textcoords="offset points", color="grey")
    rates.set_ylabel("turns a second")
    rates.legend(loc="upper right", frameon=False)
    answered = [turn for turn in turns if turn.first_text]
    waits.plot(
        [turn.sent[-1] for turn in answered], [turn.first_text - turn.sent[-1] for turn in answered], ".", markersize=3
    )
    waits.set_ylabel("seconds to the first text,\nof the attempt that was answered")
    waits.set_xlabel("seconds")
    waits.set_ylim(bottom=0)
    for axes in (rates, waits):
        axes.axvspan(begins, ends, color="orange", alpha=0.12, linewidth=0)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None, "Title": "A spike, and what becomes of its turns"})
    pyplot.close(figure)


def _rates(moments: Iterable[float], bins: int) -> list[float]:
    counted = Counter(int(each // _BIN_SECONDS) for each in moments)
    return [counted[number] / _BIN_SECONDS for number in range(bins)]
