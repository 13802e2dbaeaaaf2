"""bedrock-runtime: ConverseStream, ApplyGuardrail and InvokeModel for embeddings.

Shapes: AWS docs "ConverseStream", "ApplyGuardrail", "InvokeModel" (Bedrock runtime API reference), "Configure streaming
response behavior" for what a guardrail does in sync mode.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from companion_gate.serve.standins import eventstream, model
from companion_gate.serve.standins.answers import Asked, AwsRefusalError, Given, as_json
from companion_gate.serve.standins.guardrail import Guardrails
from companion_gate.serve.standins.script import Script
from companion_gate.serve.times import ServiceTimes

_PATH = re.compile(r"(model|guardrail)/(.+)/(converse-stream|invoke|version/(\w+)/apply)")
_STREAM = {"Content-Type": "application/vnd.amazon.eventstream"}
_END_OF_SENTENCE = re.compile(r"[.!?]\s*$")


class Bedrock:
    """Answers from a script under the deployed guardrails."""

    def __init__(self, script: Script, guardrails: Guardrails, times: ServiceTimes) -> None:
        self.script = script
        self._guardrails = guardrails
        self._times = times
        self.conversations = 0
        """How many streams were begun."""

    def answer(self, asked: Asked) -> Given:
        found = _PATH.fullmatch(asked.path)
        if asked.method != "POST" or found is None:
            raise AwsRefusalError(
                "UnknownOperationException", f"nothing stands in for {asked.method} {asked.path}", 404
            )
        content = asked.content()
        if found[3] == "converse-stream":
            return Given(200, self._converse(content), _STREAM)
        if found[3] == "invoke":
            if "embed" not in unquote(found[2]):
                raise AwsRefusalError(
                    "ValidationException", f"nothing stands in for InvokeModel of {unquote(found[2])}"
                )
            return Given(200, model.titan(asked.body), {"Content-Type": "application/json"})
        return self._apply(unquote(found[2]), found[4], content)

    def _apply(self, identifier: str, version: str, content: Mapping[str, Any]) -> Given:
        text = "".join(part["text"]["text"] for part in content["content"])
        judged = self._guardrails.judge(identifier, version, content["source"], text)
        time.sleep(self._times.sample("guardrail"))
        acted = bool(judged.assessment)
        return as_json(
            {
                "action": "GUARDRAIL_INTERVENED" if acted else "NONE",
                "outputs": [{"text": judged.text}] if acted else [],
                "assessments": [judged.assessment],
                "usage": {},
            }
        )

    def _converse(self, content: Mapping[str, Any]) -> Iterator[bytes]:
        """The stream; whatever is refused is refused before its first byte."""
        guarded = content.get("guardrailConfig") or {}
        messages = content["messages"]
        answer, words = model.reply(self.script, messages)
        if answer.error:
            raise AwsRefusalError(answer.error, "the script refuses", 429 if "hrottl" in answer.error else 500)
        self.conversations += 1
        first, each = answer.first_word_seconds, answer.word_seconds
        if not guarded:
            return _events(self._spoken(words, first, each), {}, [])
        identifier, version = guarded["guardrailIdentifier"], guarded["guardrailVersion"]
        # Without guardContent, every message is looked at.
        told = "\n".join(part.get("text", "") for message in messages for part in message["content"])
        judged = self._guardrails.judge(identifier, version, "INPUT", told)
        time.sleep(self._times.sample("guardrail"))
        if judged.blocked:
            trace = {"inputAssessment": {identifier: judged.assessment}}
            return _events(iter([judged.text]), trace, ["guardrail_intervened"])
        return self._guarded(self._spoken(words, first, each), (identifier, version))

    def _spoken(self, words: list[str], first: float, each: float) -> Iterator[str]:
        """The words, each when the model would have it."""
        for number, word in enumerate(words):
            time.sleep(self._times.sample("token", each) if number else self._times.sample("first_token", first))
            yield word

    def _guarded(self, words: Iterator[str], guardrail: tuple[str, str]) -> Iterator[bytes]:
        """Sync mode: what is generated is held back, here until a sentence is whole, looked at, and let go."""
        trace: dict[str, Any] = {}
        stopped: list[str] = []

        def released() -> Iterator[str]:
            pending = ""
            # None after the last word: what is no whole sentence is looked at as well.
            for word in itertools.chain(words, (None,)):
                pending += word or ""
                if not pending or (word is not None and not _END_OF_SENTENCE.search(pending)):
                    continue
                judged = self._guardrails.judge(*guardrail, "OUTPUT", pending)
                if judged.assessment:
                    trace.setdefault("outputAssessments", {}).setdefault(guardrail[0], []).append(judged.assessment)
                    stopped.append("guardrail_intervened")
                yield from [judged.text] if judged.blocked else re.findall(r"\S+\s*", judged.text)
                if judged.blocked:
                    return
                pending = ""

        return _events(released(), trace, stopped)


def _events(texts: Iterator[str], trace: dict[str, Any], stopped: list[str]) -> Iterator[bytes]:
    """What a stream consists of; ``trace`` and ``stopped`` may still be filled while ``texts`` are read."""
    yield eventstream.event("messageStart", {"role": "assistant"})
    for text in texts:
        yield eventstream.event("contentBlockDelta", {"delta": {"text": text}, "contentBlockIndex": 0})
    yield eventstream.event("contentBlockStop", {"contentBlockIndex": 0})
    yield eventstream.event("messageStop", {"stopReason": stopped[0] if stopped else "end_turn"})
    metadata: dict[str, Any] = {
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }
    if trace:
        metadata["trace"] = {"guardrail": trace}
    yield eventstream.event("metadata", metadata)
