"""The script of the stand-ins: a TOML file, `script.toml` beside this one unless told otherwise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError

DEFAULT = Path(__file__).parent / "script.toml"


@dataclass(frozen=True)
class ScriptedAnswer:
    """What the model says to a message in which ``when`` is found; ``error`` is AWS's code of a refusal instead."""

    when: re.Pattern[str]
    say: str
    forgotten: str
    error: str
    first_word_seconds: float
    word_seconds: float


@dataclass(frozen=True)
class Script:
    """Everything that the stand-ins say and recognise."""

    answers: Sequence[ScriptedAnswer]
    phrases: Mapping[str, Sequence[str]]
    heard: Sequence[str]
    first_sound_seconds: float = 0.0

    def answer(self, text: str) -> tuple[ScriptedAnswer, re.Match[str]]:
        """The first answer that fits a message; the last one fits all."""
        for each in self.answers:
            if match := each.when.search(text):
                return each, match
        return self.answers[-1], re.compile("").match(text)  # type: ignore[return-value]


def read(file: Path = DEFAULT) -> Script:
    """A script. Raises GateError, with the file and what is wrong in it."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GateError(f"the script {file} cannot be read: {error}") from error
    try:
        return _script(content)
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
        raise GateError(
            f"the script {file} has something that is no script ({error}): take {DEFAULT.name} of companion-gate as "
            "the pattern; each [[answer]] needs when (a regular expression) and say or error"
        ) from error


def _script(content: Mapping[str, Any]) -> Script:
    model = content.get("model", {})
    answers = [_answer(each, model) for each in content["answer"]]
    if not answers:
        raise ValueError("no [[answer]]")
    phrases = {str(name): [str(each) for each in texts] for name, texts in content.get("phrases", {}).items()}
    heard = [str(each) for each in content.get("transcribe", {}).get("heard", ["hello"])]
    return Script(answers, phrases, heard, float(content.get("voice", {}).get("first_sound_seconds", 0)))


def _answer(content: Mapping[str, Any], model: Mapping[str, Any]) -> ScriptedAnswer:
    error = str(content.get("error", ""))
    say = str(content.get("say", "")) if error else str(content["say"])
    return ScriptedAnswer(
        re.compile(content["when"], re.IGNORECASE),
        say,
        str(content.get("forgotten", say)),
        error,
        float(content.get("first_word_seconds", model.get("first_word_seconds", 0))),
        float(content.get("word_seconds", model.get("word_seconds", 0))),
    )
