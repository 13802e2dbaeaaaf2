"""The examples, each applied once on the embedded AWS and served on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.serve.companion import Options
from companion_gate.serve.functions.pool import Invocation
from companion_gate.serve.launch import served
from companion_gate.serve.standins import script

from .talking import Served

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_USERS = itertools.count(1)
# What the tests need beside the script that everybody gets, which says its words faster here.
_FURTHER = """
[[answer]]
when = "take your time"
say = "One moment, I am thinking about that. I am still thinking, since this is hard. Now I know: all will be well."
first_word_seconds = 0.1
word_seconds = 0.25

[[answer]]
when = "please refuse"
error = "ThrottlingException"

[[answer]]
when = "please fail"
error = "InternalServerException"

[[answer]]
when = "say something bad"
say = "Well, you could always hurt myself they say. And more of that."
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def quick_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    default = script.DEFAULT.read_text(encoding="utf-8")
    quick = default.replace("first_word_seconds = 0.25", "first_word_seconds = 0.05")
    quick = quick.replace("word_seconds = 0.03", "word_seconds = 0.005")
    head, answers, rest = quick.partition("[[answer]]")
    file = tmp_path_factory.mktemp("script") / "script.toml"
    file.write_text(head + _FURTHER + answers + rest, encoding="utf-8")
    return file


def serve(example: str, quick_script: Path) -> Iterator[Served]:
    """For the tests of one folder: tests of others empty the AWS that all of a process share."""
    done: list[Invocation] = []
    warned: list[str] = []
    how = Options(script=quick_script, tell=done.append, warn=warned.append)
    with served(EXAMPLES / example, how) as companion:
        yield Served(companion, done, warned)
        assert companion.troubles == []


@pytest.fixture
def user() -> str:
    """Somebody whom no other test knows."""
    return f"user-{next(_USERS)}"
