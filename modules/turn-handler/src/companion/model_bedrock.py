"""A model of Bedrock, which checks both sides with the guardrail before a piece leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from companion import clients, guardrail, settings
from companion.answers import Blocked, Piece, Text
from companion.failures import HandlerError
from companion.prompt import Prompt

FEATURE = "bedrock"


def answer(prompt: Prompt) -> Iterator[Piece]:
    """Pieces of the answer as they come. Raises HandlerError when the stream breaks off."""
    response = clients.bedrock().converse_stream(
        modelId=settings.text("MODEL_ID"),
        system=[{"text": prompt.persona}],
        # Without guardContent blocks the guardrail reads every message (AWS docs: Include a guardrail with the
        # Converse API): a request spread over several turns is seen whole.
        messages=[
            {"role": message.role, "content": [{"text": part} for part in message.parts]} for message in prompt.messages
        ],
        # Without it, each request reserves the model's maximum from the quota.
        inferenceConfig={"maxTokens": settings.number("MAX_TOKENS")},
        guardrailConfig={
            "guardrailIdentifier": settings.text("GUARDRAIL_ID"),
            "guardrailVersion": guardrail.version(),
            # In the other mode a piece leaves before it is checked, and nothing is masked.
            "streamProcessingMode": "sync",
            "trace": "enabled",
        },
    )
    stream = response["stream"]
    try:
        yield from _pieces(stream)
    finally:
        stream.close()


def _pieces(stream: Any) -> Iterator[Piece]:
    said: list[str] = []
    stop = ""
    trace: dict[str, Any] = {}
    for event in stream:
        if "contentBlockDelta" in event:
            text = event["contentBlockDelta"]["delta"].get("text", "")
            if text:
                said.append(text)
                yield Text(text)
        elif "messageStop" in event:
            stop = event["messageStop"]["stopReason"]
        elif "metadata" in event:
            trace = event["metadata"].get("trace", {}).get("guardrail", {})
    if not stop:
        raise HandlerError("the model's answer broke off")
    intervened = stop == "guardrail_intervened" and not guardrail.only_masked(trace)
    if intervened or stop == "content_filtered":
        yield Blocked(_message(said, trace))


def _message(said: list[str], trace: dict[str, Any]) -> str:
    """What the guardrail said instead: all of it when the input was refused, else the last piece (assumed)."""
    if guardrail.blocked(trace.get("inputAssessment")):
        return guardrail.with_referral("".join(said))
    last = said[-1] if said else ""
    return guardrail.with_referral(last if guardrail.blocked(trace.get("outputAssessments")) else "")
