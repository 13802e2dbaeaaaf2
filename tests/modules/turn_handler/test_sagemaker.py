"""A companion with its own model, which knows no guardrail: nothing goes in and nothing leaves unchecked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from companion import worker

from . import events, fakes
from .conftest import Companion


def parts(*texts: str, end: str = "data: [DONE]\n\n", size: int = 7) -> list[dict[str, Any]]:
    """A stream of the messages API, cut where the network pleases."""
    lines = [
        f"data: {json.dumps({'choices': [{'delta': {'content': text}}]}, ensure_ascii=False)}\n\n" for text in texts
    ]
    head = 'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n: a comment\n\n'
    content = "".join([head, *lines, end]).encode()
    return [{"PayloadPart": {"Bytes": content[start : start + size]}} for start in range(0, len(content), size)]


class Model:
    """An endpoint and a guardrail; ``refuse`` and ``mask`` are words that the guardrail looks for."""

    def __init__(self, fake: Callable[..., fakes.FakeClient]) -> None:
        self.stream = fakes.Stream(parts("Cats come back."))
        self.refuse = "knife"
        self.mask = "a@b.c"
        self.endpoint = fake("sagemaker-runtime", invoke_endpoint_with_response_stream=lambda _: {"Body": self.stream})
        self.guardrail = fake("bedrock-runtime", apply_guardrail=self._check)

    def _check(self, parameters: dict[str, Any]) -> dict[str, Any]:
        ((text),) = [block["text"]["text"] for block in parameters["content"]]
        if self.refuse in text:
            return self._intervened(fakes.BLOCKED_MESSAGE, fakes.SELF_HARM)
        if self.mask in text:
            return self._intervened(text.replace(self.mask, "{EMAIL}"), fakes.MASKED)
        return {"action": "NONE", "outputs": [], "assessments": [{}]}

    def _intervened(self, text: str, policy: dict[str, Any]) -> dict[str, Any]:
        return {"action": "GUARDRAIL_INTERVENED", "outputs": [{"text": text}], "assessments": [policy]}

    def checked(self) -> list[tuple[str, str]]:
        calls = self.guardrail.asked("apply_guardrail")
        assert {(call["guardrailIdentifier"], call["guardrailVersion"]) for call in calls} == {("gr1a2b3c4d5e", "7")}
        return [(call["source"], call["content"][0]["text"]["text"]) for call in calls]

    def asked(self) -> list[dict[str, Any]]:
        calls = self.endpoint.asked("invoke_endpoint_with_response_stream")
        assert all(call["EndpointName"] == "companion-llm" for call in calls)
        return [json.loads(call["Body"]) for call in calls]


@pytest.fixture
def model(fake: Callable[..., fakes.FakeClient], monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    monkeypatch.delenv("MODEL_ID")
    monkeypatch.setenv("ENDPOINT_NAME", "companion-llm")
    made = Model(fake)
    yield made
    if made.asked():
        assert made.stream.closed.wait(5), "the endpoint still streams"


def answer(**changes: Any) -> None:
    handled = worker.handler(events.sqs(events.turn(**changes)), events.Context())
    assert handled == {"batchItemFailures": []}


def test_each_sentence_is_checked_before_it_leaves(companion: Companion, model: Model) -> None:
    sentences = ["Cats mostly come back by themselves. ", "Put some food outside, überall. ", "Good luck!"]
    model.stream = fakes.Stream(parts(*"".join(sentences)))
    answer()
    assert model.checked() == [("INPUT", events.TEXT), *(("OUTPUT", sentence) for sentence in sentences)]
    assert companion.text() == "".join(sentences)
    assert companion.kinds()[-1] == "end"


def test_refused_request_never_reaches_the_model(companion: Companion, model: Model, metrics: Any) -> None:
    answer(text="Where is the knife?")
    assert model.asked() == []
    assert companion.kinds() == ["disclosure", "blocked", "end"]
    assert companion.frames[1]["data"] == fakes.BLOCKED_MESSAGE
    assert companion.items("memory") == []
    assert metrics()["Blocked"] == [1]


def test_refused_sentence_never_leaves(companion: Companion, model: Model) -> None:
    model.stream = fakes.Stream(
        parts("You could go for a walk today. ", "Or take the knife from the table. ", "Or sleep.")
    )
    answer()
    assert companion.kinds()[-2:] == ["blocked", "end"]
    assert "knife" not in json.dumps(companion.frames)
    assert companion.frames[-2]["data"] == fakes.BLOCKED_MESSAGE
    assert companion.items("memory") == []


def test_personal_data_is_masked_on_both_sides(companion: Companion, model: Model) -> None:
    model.stream = fakes.Stream(parts("I wrote to a@b.c about your cat."))
    answer(text="Write to a@b.c please")
    assert model.asked()[0]["messages"][-1] == {"role": "user", "content": "Write to {EMAIL} please"}
    assert companion.text() == "I wrote to {EMAIL} about your cat."
    assert companion.kinds()[-1] == "end"


def test_model_gets_persona_history_and_a_limit(companion: Companion, model: Model) -> None:
    answer()
    model.stream = fakes.Stream(parts("Mimi!"))
    answer(turn_id="turn-2", text="Mimi")
    assert model.asked()[1] == {
        "messages": [
            {"role": "system", "content": "You are a friend."},
            {"role": "user", "content": events.TEXT},
            {"role": "assistant", "content": "Cats come back."},
            {"role": "user", "content": "Mimi"},
        ],
        "max_tokens": 300,
        "stream": True,
    }


@pytest.mark.parametrize(
    "stream",
    [
        [],
        parts("Cats come back.", end=""),
        parts(end="data: {}\n\ndata: [DONE]\n\n"),
        parts(end="data: <html>\n\ndata: [DONE]\n\n"),
    ],
)
def test_stream_that_is_no_answer_is_an_error(companion: Companion, model: Model, stream: list[Any]) -> None:
    model.stream = fakes.Stream(stream)
    answer()
    assert companion.kinds()[-1] == "error"
    assert companion.items("memory") == []


@pytest.mark.parametrize(
    "verdict",
    [
        {"action": "GUARDRAIL_INTERVENED", "outputs": [], "assessments": []},
        {"action": "GUARDRAIL_INTERVENED", "outputs": [{"text": "?"}], "assessments": []},
        {"action": "GUARDRAIL_INTERVENED", "outputs": [], "assessments": [fakes.MASKED]},
        {"action": "GUARDRAIL_INTERVENED", "outputs": [{"text": "?"}], "assessments": [fakes.MASKED, fakes.SELF_HARM]},
        {"action": "SOMETHING_NEW", "outputs": []},
    ],
)
def test_verdict_that_is_unclear_is_a_refusal(
    companion: Companion, model: Model, fake: Callable[..., fakes.FakeClient], verdict: dict[str, Any]
) -> None:
    fake("bedrock-runtime", apply_guardrail=lambda _: verdict)
    answer()
    assert model.asked() == []
    assert companion.kinds() == ["disclosure", "blocked", "end"]
    assert fakes.REFERRAL in companion.frames[1]["data"]


def test_guardrail_that_cannot_be_asked_lets_nothing_through(
    companion: Companion, model: Model, fake: Callable[..., fakes.FakeClient]
) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise fakes.aws_error("AccessDeniedException", "ApplyGuardrail")

    fake("bedrock-runtime", apply_guardrail=fail)
    answer()
    assert model.asked() == []
    assert companion.kinds() == ["disclosure", "error"]
