"""More turns than can be answered in time: told so, sent again, and answered once each."""

from __future__ import annotations

import asyncio

from benchmarks.turn.spike import DEADLINE_SECONDS, Crowd, Phase
from tests.e2e.talking import Served

# Of a machine that is busy itself.
SLACK_SECONDS = 3


def test_a_crowd_is_answered_in_time_or_told_to_come_again(text_chat: Served) -> None:
    companion = text_chat.companion
    crowd = Crowd(companion, "take your time")

    async def come() -> None:
        await crowd.gather(34)
        await crowd.run([Phase(1, 2), Phase(5, 6), Phase(2, 1)])
        await crowd.leave()

    asyncio.run(asyncio.wait_for(come(), 120))
    assert len(crowd.turns) == 34
    assert {turn.outcome for turn in crowd.turns} == {"end"}
    assert [turn for turn in crowd.turns if turn.busy], "nobody had to wait, so nothing was shown"
    waits = [turn.first_text - turn.sent[-1] for turn in crowd.turns]
    assert max(waits) < DEADLINE_SECONDS + SLACK_SECONDS
    for turn in crowd.turns:
        said = [each["text"] for each in companion.stored.of(turn.user)["memory"] if each["role"] == "user"]
        assert said == ["take your time"]
