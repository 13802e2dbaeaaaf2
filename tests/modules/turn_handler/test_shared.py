"""Parts that several functions share: timeouts, settings, ids, names of failures, and the ticking stream."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ParamValidationError
from companion import clients, failures, frames, settings, ulid
from companion.ticking import ticking

from . import events, fakes
from .conftest import Companion

# Seconds that a function needs, and the services that it waits for; at worst, every attempt at each times out.
WAITS = {
    "authorizer": (10, (clients.kms, clients.dynamodb)),
    "connection": (5, (clients.dynamodb,)),
    "ingest": (20, (clients.dynamodb, clients.sqs, clients.connections)),
    "listen": (10, (clients.connections,)),
}


@pytest.mark.parametrize("function", list(WAITS))
def test_no_function_waits_for_longer_than_a_client_does(companion: Companion, function: str) -> None:
    seconds, makers = WAITS[function]
    configs = [maker().meta.config for maker in makers]
    worst = sum(
        config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout) for config in configs
    )
    assert worst <= seconds


def test_model_may_pause_for_ten_seconds_and_no_longer(companion: Companion) -> None:
    config = clients.bedrock().meta.config
    assert (config.read_timeout, config.retries["total_max_attempts"]) == (10, 2)


def test_client_is_made_once(companion: Companion) -> None:
    assert clients.polly() is clients.polly()


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (settings.text, "", "X is not set: deploy the function with modules/turn-handler"),
        (settings.number, "0", "X is '0', and must be a whole number from 1"),
        (settings.number, "1.5", "X is '1.5', and must be a whole number from 1"),
        (settings.flag, "yes", 'X is \'yes\', and must be "true" or "false"'),
        (settings.by_language, "{", "X must be a JSON object of objects by language code"),
    ],
)
def test_setting_that_is_wrong_names_itself(monkeypatch: pytest.MonkeyPatch, read, value: str, message: str) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("X", value)
    with pytest.raises(failures.HandlerError) as raised:
        read("X")
    assert str(raised.value) == message


def test_failure_is_named_without_what_a_user_wrote() -> None:
    # botocore's own message quotes the parameter.
    assert failures.name_of(ParamValidationError(report=events.TEXT)) == "ParamValidationError"
    assert failures.name_of(ValueError(events.TEXT)) == "ValueError"
    assert failures.name_of(fakes.aws_error("ThrottlingException", "Query")) == "Query: ThrottlingException"


def test_ids_sort_by_time_even_within_a_millisecond() -> None:
    ids = [ulid.new() for _ in range(500)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 500
    assert ulid.seconds_of(ids[0]) == pytest.approx(time.time(), abs=2)
    assert ulid.seconds_of("01ARZ3NDEKTSV4RRFFQ69G5FAV") == pytest.approx(1469922850.259)


@pytest.mark.parametrize("text", ["", "01ARZ3NDEKTSV4RRFFQ69G5FA", "U" * 26])
def test_what_is_no_id_has_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"ULID|substring"):
        ulid.seconds_of(text)


def test_stream_gives_the_time_while_nothing_comes() -> None:
    go_on = threading.Event()

    def events_() -> Iterator[str]:
        yield "a"
        go_on.wait(5)
        yield "b"

    stream = ticking(events_(), 0.01)
    assert next(stream) == "a"
    assert next(stream) is None
    go_on.set()
    assert [event for event in stream if event is not None] == ["b"]


def test_stream_passes_on_what_goes_wrong() -> None:
    def events_() -> Iterator[str]:
        yield "a"
        raise ValueError("broken")

    stream = ticking(events_(), 5)
    assert next(stream) == "a"
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_a_frame_that_the_protocol_does_not_have_is_never_sent() -> None:
    with pytest.raises(ValueError, match="the protocol has no frame song"):
        frames.frame("song", "la la")
