"""One turn, from the message to the last frame: exactly one of end, busy and error ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from companion import clients, disclosure, memories, metrics, model, push, recall, settings, speech, state, turns
from companion.answers import Blocked, Piece, Text
from companion.failures import HandlerError, is_overload, report
from companion.prompt import compose
from companion.reply import FLUSH_SECONDS, Reply
from companion.ticking import ticking
from companion.turns import Claim, Memory, Turn

# Kept of the function's time, to say what went wrong instead of being cut off.
_RESERVE_SECONDS = 4.0
_RETRY_MS = 2000


def run(turn: Turn, remaining: Callable[[], float]) -> None:
    """Answer a turn; ``remaining`` is the function's time in seconds. Raises when the client could not be told."""
    reply = Reply(turn.connection_id, turn.turn_id)
    try:
        _run(turn, reply, remaining)
    except push.GoneError:
        forget_connection(turn.connection_id)
    finally:
        if reply.speaker:
            reply.speaker.close()


def forget_connection(connection_id: str) -> None:
    """Take a connection that is gone out of the registry."""
    try:
        key = {"connection_id": {"S": connection_id}}
        clients.dynamodb().delete_item(TableName=settings.text("CONNECTIONS_TABLE"), Key=key)
    except Exception as error:
        # It expires by itself.
        report("connection not deleted", error)


def _run(turn: Turn, reply: Reply, remaining: Callable[[], float]) -> None:
    claim = None
    try:
        refusal = _find_voice(turn, reply)
        if refusal:
            reply.send("error", refusal)
            return
        claim = turns.claim(turn, remaining())
        _answer(claim, reply, remaining)
    except turns.InProgressError:
        raise
    except turns.AnsweredError:
        # The client repeated it, perhaps because the end never reached it.
        reply.send("end", "answered before")
    except state.ErasedError:
        reply.send("error", "your data were erased after this was sent; send it again if you still want an answer")
    except push.GoneError:
        if claim:
            turns.release(claim)
        raise
    except Exception as error:
        _fail(error, claim, reply)


def _fail(error: Exception, claim: Claim | None, reply: Reply) -> None:
    report("turn failed", error)
    if claim:
        turns.release(claim)
    if is_overload(error) and reply.first_text_at is None:
        metrics.emit({"Busy": 1})
        reply.send("busy", retry_after_ms=_RETRY_MS)
    else:
        metrics.emit({"Failed": 1})
        reply.send("error", "the companion could not answer; send the message again", _RETRY_MS)


def _find_voice(turn: Turn, reply: Reply) -> str:
    """Give the reply its voice; what is wrong with the wish for one, or ""."""
    if not turn.voice:
        return ""
    if not settings.optional("VOICES"):
        return "this companion does not speak; leave voice out"
    reply.speaker = speech.speaker(turn.voice, reply.send)
    if reply.speaker:
        return ""
    return f"voice must be one of {', '.join(speech.languages())}; leave it out for text alone"


def _answer(claim: Claim, reply: Reply, remaining: Callable[[], float]) -> None:
    turn = claim.turn
    disclosed = []
    if disclosure.due(turn):
        reply.send("disclosure", settings.text("DISCLOSURE"))
        disclosed.append(disclosure.shown(turn))
    asked = turns.memory("user", turn.text)
    recent = memories.recent(turn.user_id, turn.conversation_id)
    recalled, vector = _recall(turn, recent)
    prompt = compose(settings.text("PERSONA"), recent, recalled, turn.text)
    is_blocked = _stream(model.answer(prompt), reply, remaining)
    # What was refused is not remembered: it would come back as something that was said.
    kept = [] if is_blocked else [asked, turns.memory("assistant", reply.text)]
    is_kept = _finish(claim, kept, disclosed)
    _end(turn, reply, remaining, is_blocked)
    if is_kept and kept and vector:
        recall.remember(turn, asked, vector)


def _recall(turn: Turn, recent: list[Memory]) -> tuple[list[Memory], list[float]]:
    """What the user said long ago and fits, and the vector of what they say now; both empty without a vector store."""
    if not settings.optional("VECTORS_ENDPOINT"):
        return [], []
    return recall.recall(turn, {memory.memory_id for memory in recent})


def _stream(pieces: Iterator[Piece], reply: Reply, remaining: Callable[[], float]) -> bool:
    """Send the answer as it comes; whether the guardrail refused it. Raises HandlerError when it takes too long."""
    with closing(ticking(pieces, FLUSH_SECONDS)) as timed:
        for piece in timed:
            if remaining() < _RESERVE_SECONDS:
                raise HandlerError("the answer takes longer than the function may run")
            if isinstance(piece, Blocked):
                reply.block(piece.message)
                return True
            if isinstance(piece, Text):
                reply.add(piece.text)
            else:
                reply.tick()
    reply.flush()
    if not reply.text.strip():
        raise HandlerError("the model gave no answer")
    return False


def _finish(claim: Claim, kept: list[Memory], disclosed: list[dict[str, Any]]) -> bool:
    """Write what the turn left; whether that was possible. If not, the user still has the answer."""
    try:
        turns.finish(claim, kept, disclosed)
    except state.ErasedError:
        return False
    except Exception as error:
        report("turn not remembered", error)
        metrics.emit({"Failed": 1})
        return False
    return True


def _end(turn: Turn, reply: Reply, remaining: Callable[[], float], is_blocked: bool) -> None:
    seconds = max(0.0, remaining() - _RESERVE_SECONDS)
    is_spoken = reply.speaker.finish(seconds) if reply.speaker else True
    reply.send("end", "" if is_spoken else "audio incomplete")
    values = {"TurnMs": (time.time() - turn.enqueued_at) * 1000, "Blocked": int(is_blocked)}
    if reply.first_text_at is not None:
        values["FirstTokenMs"] = (reply.first_text_at - turn.enqueued_at) * 1000
    metrics.emit({name: round(value) for name, value in values.items()})
