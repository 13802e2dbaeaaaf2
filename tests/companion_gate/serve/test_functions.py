"""Functions run as Lambda runs them: their environment, their time, and what becomes of them."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.serve.functions.fleet import Fleet
from companion_gate.serve.functions.pool import Invocation, ThrottledError

from .conftest import Pools

COUNTING = """
calls = 0
def handler(event, context):
    global calls
    calls += 1
    return {"calls": calls, "event": event}
"""


def test_an_environment_is_kept_for_the_next_event(pool: Pools) -> None:
    counting = pool(COUNTING)
    first, second = counting.invoke({"a": 1}), counting.invoke({"a": 2})
    assert first.payload == {"calls": 1, "event": {"a": 1}}
    assert second.payload == {"calls": 2, "event": {"a": 2}}
    assert (first.cold, second.cold) == (True, False)


def test_events_at_the_same_time_have_an_environment_each(pool: Pools) -> None:
    slow = pool("import os, time\ndef handler(e, c):\n    time.sleep(0.5)\n    return os.getpid()\n")
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(slow.invoke, range(3)))
    assert len({each.payload for each in done}) == 3


def test_who_finds_no_environment_free_waits(pool: Pools) -> None:
    slow = pool("import time\ndef handler(e, c):\n    time.sleep(0.3)\n", environments=1)
    slow.warm(1)
    began = time.monotonic()
    with ThreadPoolExecutor(3) as threads:
        assert [each.error for each in threads.map(slow.invoke, range(3))] == [None] * 3
    assert time.monotonic() - began >= 0.9


def test_more_than_the_reserved_concurrency_is_throttled(pool: Pools) -> None:
    slow = pool("import time\ndef handler(e, c):\n    time.sleep(1)\n", reserved=1)
    running = threading.Thread(target=slow.invoke, args=({},))
    running.start()
    while not slow.busy:
        time.sleep(0.01)
    with pytest.raises(ThrottledError):
        slow.invoke({})
    running.join()
    assert slow.invoke({}).error is None


def test_a_function_sees_its_own_variables_and_nothing_of_the_machine(
    pool: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the real one")
    seen = pool("import os\ndef handler(e, c):\n    return dict(os.environ)\n", variables={"A": "1"}).invoke({})
    assert seen.payload == {"A": "1"}


def test_a_function_knows_how_much_time_it_has(pool: Pools) -> None:
    text = "def handler(e, c):\n    return [c.get_remaining_time_in_millis(), c.function_name, c.aws_request_id]\n"
    left, name, request_id = (done := pool(text, timeout=7.0).invoke({})).payload
    assert 6000 < left <= 7000
    assert (name, request_id) == ("f", done.request_id)


def test_a_function_that_takes_too_long_is_ended_and_another_takes_the_next_event(pool: Pools) -> None:
    text = "import time\ndef handler(e, c):\n    time.sleep(e)\n    return 'done'\n"
    sleeping = pool(text, timeout=0.5)
    late = sleeping.invoke(30)
    assert late.error is not None
    assert "Task timed out after 0.50 seconds" in late.error["errorMessage"]
    assert late.seconds < 5
    assert (sleeping.invoke(0).payload, sleeping.busy) == ("done", 0)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("def handler(e, c):\n    raise ValueError('no')\n", "ValueError", "no"),
        ("def handler(e, c):\n    return {1, 2}\n", "TypeError", "not JSON serializable"),
        ("import os\ndef handler(e, c):\n    os._exit(3)\n", "Runtime.ExitError", "Runtime exited"),
        ("import nothing_like_that\n", "ModuleNotFoundError", "nothing_like_that"),
        ("handle = None\n", "AttributeError", "handler"),
        ("import sys\ndef handler(e, c):\n    sys.exit(1)\n", "SystemExit", "1"),
    ],
)
def test_a_function_that_fails_says_how(pool: Pools, text: str, error: str, message: str) -> None:
    told: list[Invocation] = []
    done = pool(text, told=told).invoke({})
    assert done.error is not None
    assert done.error["errorType"] == error
    assert message in done.error["errorMessage"]
    assert told == [done]


def test_what_a_function_writes_is_its_log_and_of_that_event_only(pool: Pools) -> None:
    text = (
        "import logging\ndef handler(e, c):\n    print('said', e)\n    logging.getLogger('x').warning('logged %s', e)\n"
    )
    talking = pool(text)
    assert list(talking.invoke(1).lines) == ["[WARNING] logged 1", "said 1"]
    assert list(talking.invoke(2).lines) == ["[WARNING] logged 2", "said 2"]


def test_environments_can_be_made_to_crash(pool: Pools) -> None:
    counting = pool(COUNTING)
    counting.crash(1)
    assert counting.invoke({}).error is not None
    assert counting.invoke({}).payload["calls"] == 1


def test_a_package_that_cannot_be_read_is_named(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "handlers.zip").write_bytes(b"PK")
    with pytest.raises(GateError, match=r"handlers\.zip is no package of a function that can be read"):
        fleet.code(tmp_path / "handlers.zip")


def test_nothing_is_left_of_a_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fleet = Fleet()
    environment = fleet.environment()
    pid = environment._pid
    assert list(tmp_path.iterdir()) != []
    fleet.close()
    assert list(tmp_path.iterdir()) == []
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
