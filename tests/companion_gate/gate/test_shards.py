"""Shards: together they judge every stack once, whatever the order and whoever asks."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.gate.shards import seconds_of, shard_of, split
from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree

NAMES = [f"infra/{number:03d}" for number in range(100)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
def test_shards_are_a_partition_whatever_the_order(count: int) -> None:
    draw = random.Random(count)  # noqa: S311 - a test's order, no secret
    seconds = {name: draw.uniform(0.1, 30) for name in NAMES[:60]}
    shuffled = NAMES.copy()
    draw.shuffle(shuffled)
    parts = split(NAMES, seconds, count)
    assert parts == split(shuffled, seconds, count)
    assert sorted(name for part in parts for name in part) == NAMES
    assert all(parts)


def test_shards_take_equally_long() -> None:
    draw = random.Random(7)  # noqa: S311
    seconds = {name: draw.uniform(1, 30) for name in NAMES}
    loads = [sum(seconds[name] for name in part) for part in split(NAMES, seconds, 4)]
    assert max(loads) / min(loads) < 1.02
    lopsided = split(["slow", "a", "b", "c"], {"slow": 9, "a": 3, "b": 3, "c": 3}, 2)
    assert lopsided == [["slow"], ["a", "b", "c"]]


def test_without_durations_shards_hold_equally_many() -> None:
    assert sorted(len(part) for part in split(NAMES, {}, 3)) == [33, 33, 34]


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0", "1/3"])
def test_shard_that_is_none_is_refused(tmp_path: Path, shard: str) -> None:
    with pytest.raises(GateError, match=rf"--shard {shard}: "):
        shard_of([tmp_path / "a", tmp_path / "b"], shard, (), tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"questions": [{}]}', '{"questions": 3}'])
def test_durations_that_are_no_report_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "durations.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GateError, match="is no JSON report of companion-gate"):
        seconds_of([file])


def test_a_shard_says_that_it_is_one(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"infra/{name}/main.tf": PROVIDER + table() for name in "ab"})
    stacks = []
    for number in (1, 2):
        result = run_gate(tmp_path, "--stack", "infra", "--shard", f"{number}/2", "--gate-report", "gate.json")
        assert result.code == 0
        assert f"shard: {number}/2: the other shards judge the other stacks" in result.output
        stacks += json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["stacks"]
    assert sorted(stacks) == ["infra/a", "infra/b"]


def test_a_stack_stays_with_one_worker(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"infra/{name}/main.tf": PROVIDER + table() for name in "abc"})
    result = run_gate(tmp_path, "--stack", "infra", "-n", "2", "--no-gate-cache")
    assert result.code == 0
    workers: dict[str, set[str]] = {}
    for worker, stack in re.findall(r"^\[(gw\d)\].* (infra/[abc])::", result.output, re.MULTILINE):
        workers.setdefault(stack, set()).add(worker)
    assert {stack: len(found) for stack, found in workers.items()} == {"infra/a": 1, "infra/b": 1, "infra/c": 1}
    assert len(set.union(*workers.values())) == 2
