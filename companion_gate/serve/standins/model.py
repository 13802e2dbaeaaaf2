"""The model: says what the script says, word by word, and remembers only what its prompt tells it."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from companion_gate.serve.standins.script import Script, ScriptedAnswer

_WORD = re.compile(r"\w+")
# Said in every other sentence, so they tell nothing of what a sentence is about.
_COMMON = frozenset(
    [
        "a",
        "about",
        "am",
        "an",
        "and",
        "are",
        "called",
        "did",
        "do",
        "does",
        "he",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "of",
        "on",
        "she",
        "tell",
        "that",
        "the",
        "to",
        "was",
        "what",
        "you",
        "your",
    ]
)


def reply(script: Script, messages: Sequence[Mapping[str, Any]]) -> tuple[ScriptedAnswer, list[str]]:
    """The answer to a Converse prompt, and its words with what follows each."""
    parts = [str(part.get("text", "")) for part in messages[-1]["content"]]
    asked = parts[-1]
    before = [
        str(part.get("text", ""))
        for message in messages[:-1]
        if message["role"] == "user"
        for part in message["content"]
    ]
    answer, match = script.answer(asked)
    remembered = _nearest(asked, [*_notes(parts[:-1]), *before])
    text = answer.say if remembered or "{remembered}" not in answer.say else answer.forgotten
    said = text.replace("{remembered}", remembered).replace("{0}", asked)
    for number, group in enumerate(match.groups(), start=1):
        said = said.replace(f"{{{number}}}", group or "")
    return answer, re.findall(r"\S+\s*", said)


def embedding(text: str, dimensions: int, *, normalise: bool) -> list[float]:
    """A vector of a text's words: texts that share words are near, whatever they mean."""
    vector = [0.0] * dimensions
    for word in _words(text):
        vector[zlib.crc32(word.encode()) % dimensions] += 1.0
    length = math.hypot(*vector)
    if not length:
        return [1.0, *vector[1:]]
    return [value / length for value in vector] if normalise else vector


def titan(body: bytes) -> bytes:
    """The answer of Titan Text Embeddings V2 (AWS docs: Amazon Titan Embeddings Text)."""
    content = json.loads(body)
    dimensions = int(content.get("dimensions", 1024))
    vector = embedding(content["inputText"], dimensions, normalise=bool(content.get("normalize", True)))
    tokens = len(content["inputText"].split())
    return json.dumps({"embedding": vector, "inputTextTokenCount": tokens}).encode()


def _notes(parts: Sequence[str]) -> Iterator[str]:
    """What a prompt quotes from earlier conversations: a line each, after a line that says what they are."""
    for part in parts:
        yield from (line.lstrip("-• ").strip() for line in part.splitlines()[1:])


def _nearest(asked: str, said: Sequence[str]) -> str:
    """The last of the sentences that share the most words with a question; "" where none shares one."""
    wanted = _words(asked)
    scored = [(len(wanted & _words(each)), index, each) for index, each in enumerate(said) if not each.endswith("?")]
    best = max(scored, default=(0, 0, ""))
    return best[2] if best[0] else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold())) - _COMMON
