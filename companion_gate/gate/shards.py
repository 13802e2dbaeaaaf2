"""Splits stacks over the jobs of a CI matrix: the same split in every job, balanced by recorded durations."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.syntax import shown

_SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)")


def shard_of(stacks: Sequence[Path], shard: str, durations: Iterable[Path], base: Path) -> tuple[Path, ...]:
    """The stacks of one shard, such as ``2/4``. ``durations`` are JSON reports of earlier runs.

    Raises GateError for a shard that is none, and for one that has no stack: its job would judge nothing.
    """
    match = _SHARD.fullmatch(shard)
    if match is None or int(match[1]) > int(match[2]):
        raise GateError(f"--shard {shard}: write it as K/N with K from 1 to N, such as 2/4")
    number, count = int(match[1]), int(match[2])
    if count > len(stacks):
        raise GateError(
            f"--shard {shard}: there are {len(stacks)} stacks, so that some of {count} shards would judge nothing; "
            f"split them into {len(stacks)} at most"
        )
    names = {
        stack.relative_to(base).as_posix() if stack.is_relative_to(base) else stack.as_posix(): stack
        for stack in stacks
    }
    parts = split(names, seconds_of(durations), count)
    return tuple(names[name] for name in parts[number - 1])


def split(names: Iterable[str], seconds: dict[str, float], count: int) -> list[list[str]]:
    """``count`` parts, none empty where there are that many names: the longest first, each to the part with least.

    What no run has recorded is taken to last as long as the median of what is. The order of ``names`` plays no part.
    """
    usual = statistics.median(seconds.values()) if seconds else 1.0
    lasting = {name: max(seconds.get(name, usual), 0.001) for name in names}
    parts: list[list[str]] = [[] for _ in range(count)]
    load = [0.0] * count
    for name in sorted(lasting, key=lambda name: (-lasting[name], name)):
        least = min(range(count), key=lambda place: (load[place], place))
        parts[least].append(name)
        load[least] += lasting[name]
    return [sorted(part) for part in parts]


def seconds_of(reports: Iterable[Path]) -> dict[str, float]:
    """Seconds of each stack, from JSON reports; the later report counts. Raises GateError for a file that is none."""
    found: dict[str, float] = {}
    for file in reports:
        try:
            questions = json.loads(file.read_text(encoding="utf-8"))["questions"]
            each: dict[str, float] = {}
            for question in questions:
                each[question["stack"]] = each.get(question["stack"], 0.0) + float(question["seconds"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GateError(
                f"--shard-durations {shown(file)}: is no JSON report of companion-gate ({type(error).__name__}); "
                "write one with --gate-report FILE.json"
            ) from error
        found |= each
    return found
