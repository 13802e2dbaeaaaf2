"""The deployment's own model. It knows no guardrail: what goes in and each sentence that comes out is checked here.

The container must speak the messages API that vLLM, TGI and LMI share (assumed): a request with ``messages``,
``max_tokens`` and ``stream``, and server-sent events with ``choices[0].delta.content``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from companion import clients, guardrail, settings
from companion.answers import Blocked, Piece, Text
from companion.failures import HandlerError
from companion.prompt import Prompt
from companion.sentences import Sentences

FEATURE = "sagemaker"


def answer(prompt: Prompt) -> Iterator[Piece]:
    """Sentences of the answer as they come. Raises HandlerError when the stream breaks off."""
    asked = guardrail.check("INPUT", prompt.text)
    if asked.blocked:
        yield Blocked(asked.text)
        return
    response = clients.sagemaker().invoke_endpoint_with_response_stream(
        EndpointName=settings.text("ENDPOINT_NAME"),
        ContentType="application/json",
        Accept="text/event-stream",
        Body=json.dumps(_request(prompt, asked.text)).encode(),
    )
    stream = response["Body"]
    try:
        for sentence in _sentences(stream):
            verdict = guardrail.check("OUTPUT", sentence)
            if verdict.blocked:
                yield Blocked(verdict.text)
                return
            yield Text(verdict.text)
    finally:
        stream.close()


def _request(prompt: Prompt, asked: str) -> dict[str, Any]:
    messages = [{"role": message.role, "content": "\n\n".join(message.parts)} for message in prompt.messages[:-1]]
    last = prompt.messages[-1]
    # The guardrail may have masked the new message.
    messages.append({"role": last.role, "content": "\n\n".join([*last.parts[:-1], asked])})
    return {
        "messages": [{"role": "system", "content": prompt.persona}, *messages],
        "max_tokens": settings.number("MAX_TOKENS"),
        "stream": True,
    }


def _sentences(stream: Any) -> Iterator[str]:
    sentences = Sentences()
    for delta in _deltas(stream):
        yield from sentences.add(delta)
    rest = sentences.rest()
    if rest.strip():
        yield rest


def _deltas(stream: Any) -> Iterator[str]:
    for line in _lines(stream):
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        try:
            choice = json.loads(data)["choices"][0]
            text = choice.get("delta", {}).get("content") or ""
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise HandlerError("the endpoint does not speak the messages API") from None
        if text:
            yield text
    raise HandlerError("the model's answer broke off")


def _lines(stream: Any) -> Iterator[bytes]:
    """Whole lines: a part of the stream can end inside of one, even inside of a character."""
    pending = b""
    for event in stream:
        pending += event.get("PayloadPart", {}).get("Bytes", b"")
        *complete, pending = pending.split(b"\n")
        yield from complete
    yield pending
