"""A store that is damaged, full, shared or somebody else's never gives a wrong answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from companion_gate.cache import store as store_module
from companion_gate.cache.store import ContentCache, user_cache_folder


@pytest.fixture
def store(tmp_path: Path) -> ContentCache:
    return ContentCache(tmp_path / "cache")


def entry(store_folder: Path, key: str) -> Path:
    return store_folder / "cache" / "entries" / key


def test_what_was_put_is_found_by_another_process_of_the_same_user(store: ContentCache, tmp_path: Path) -> None:
    store.put("plan-1", b"content\nwith lines")
    assert ContentCache(tmp_path / "cache").get("plan-1") == b"content\nwith lines"
    assert store.get("plan-2") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b" ",
        lambda data: data.replace(b"content", b"c0ntent"),
        lambda data: b"",
        lambda data: b"content",
        lambda data: b"\xff" * len(data),
    ],
    ids=["truncated", "longer", "changed", "empty", "no digest", "no text"],
)
def test_a_damaged_entry_is_not_there(store: ContentCache, tmp_path: Path, damage: object) -> None:
    store.put("plan-1", b"content")
    path = entry(tmp_path, "plan-1")
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert store.get("plan-1") is None
    store.put("plan-1", b"content")
    assert store.get("plan-1") == b"content"


def test_an_entry_under_another_key_is_not_believed(store: ContentCache, tmp_path: Path) -> None:
    store.put("plan-good", b"all is well")
    entry(tmp_path, "plan-bad").write_bytes(entry(tmp_path, "plan-good").read_bytes())
    assert store.get("plan-bad") is None


def test_the_oldest_go_when_it_grows_too_large(tmp_path: Path) -> None:
    store = ContentCache(tmp_path / "cache", most_bytes=1000)
    for number in range(3):
        store.put(f"plan-{number}", b"x" * 200)
        os.utime(entry(tmp_path, f"plan-{number}"), (number, number))
    assert store.get("plan-0") is not None
    store.put("plan-3", b"x" * 200)
    kept = {path.name for path in (tmp_path / "cache" / "entries").iterdir()}
    assert kept == {"plan-0", "plan-2", "plan-3"}


def test_clear_forgets_everything_and_goes_on(store: ContentCache) -> None:
    store.put("plan-1", b"content")
    store.clear()
    assert store.get("plan-1") is None
    store.put("plan-1", b"content")
    assert store.get("plan-1") == b"content"


def test_a_disk_without_room_keeps_nothing_and_fails_nothing(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from companion_gate.cache.store import ContentCache
store = ContentCache(Path(sys.argv[1]))
store.put("small", b"x" * 100)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
store.put("large", b"x" * 100_000)
assert store.get("large") is None
assert store.get("small") == b"x" * 100
"""
    folder = tmp_path / "cache"
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, timeout=60)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["small"]


def test_a_folder_that_others_may_write_to_is_not_used(store: ContentCache, tmp_path: Path) -> None:
    store.put("plan-1", b"forged")
    (tmp_path / "cache").chmod(0o777)
    other = ContentCache(tmp_path / "cache")
    assert "can be written by others" in other.unusable
    assert other.get("plan-1") is None
    other.put("plan-2", b"content")
    other.clear()
    assert entry(tmp_path, "plan-1").exists()
    assert not entry(tmp_path, "plan-2").exists()


def test_a_link_and_a_file_in_its_place_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert "is not a folder" in ContentCache(tmp_path / "link").unusable
    (tmp_path / "file").write_text("")
    refused = ContentCache(tmp_path / "file")
    assert "cannot be made" in refused.unusable
    refused.put("plan-1", b"content")
    assert refused.get("plan-1") is None


def test_only_one_process_at_a_time_is_alone(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from companion_gate.cache.store import ContentCache
with ContentCache(Path(sys.argv[1]) / "cache").alone("plans"):
    log = Path(sys.argv[1]) / "log"
    with log.open("a") as file:
        file.write("in ")
    time.sleep(0.2)
    with log.open("a") as file:
        file.write("out ")
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert (tmp_path / "log").read_text().split() == ["in", "out"] * 4


def test_it_lies_where_the_user_keeps_such_things_never_in_the_judged_folder(tmp_path: Path) -> None:
    assert user_cache_folder({"XDG_CACHE_HOME": "/x", "HOME": "/h"}) == Path("/x/companion-gate")
    assert user_cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == Path("/h/.cache/companion-gate")
    assert user_cache_folder({"HOME": "/h"}) == Path("/h/.cache/companion-gate")
    assert user_cache_folder({"XDG_CACHE_HOME": ".cache"}) is None


def test_a_process_that_was_stopped_holds_up_nobody_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LONGEST_WAIT", 0.3)
    first, second = ContentCache(tmp_path / "cache"), ContentCache(tmp_path / "cache")
    with first.alone("plans"), second.alone("plans"):
        second.put("plan-1", b"content")
    assert first.get("plan-1") == b"content"


def test_other_work_is_not_waited_for(tmp_path: Path) -> None:
    store = ContentCache(tmp_path / "cache")
    started = time.monotonic()
    with store.alone("plans of a"), store.alone("plans of b"):
        assert time.monotonic() - started < 10
