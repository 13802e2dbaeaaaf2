"""docs/protocol.md is what the handlers do."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from .protocol import PAGE, SCHEMA, written

CONTENT = json.loads(SCHEMA.read_text(encoding="utf-8"))


def of(side: str) -> Draft202012Validator:
    return Draft202012Validator({**CONTENT, "$ref": f"#/$defs/{side}"})


def test_tables_are_those_of_the_schema() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page, CONTENT), "run: python -m tests.docs.protocol"


def test_a_page_without_a_place_for_them_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the frames of the client"):
        written("# Protocol\n", CONTENT)


@pytest.mark.parametrize(
    "frame",
    [
        {"v": 1, "turn_id": None, "seq": 0, "type": "busy", "data": ""},
        {"v": 1, "turn_id": "t", "seq": 0, "type": "song", "data": "la"},
        {"v": 1, "turn_id": None, "seq": 0, "type": "text", "data": "to nobody"},
        {"v": 1, "turn_id": "t", "seq": -1, "type": "end", "data": ""},
        {"v": 1, "turn_id": "t", "seq": 0, "type": "end", "data": "somehow"},
        {"v": 1, "turn_id": "t", "seq": 0, "type": "end", "data": "", "user_id": "ann"},
        {"v": 2, "turn_id": "t", "seq": 0, "type": "end", "data": ""},
    ],
)
def test_the_schema_refuses_what_no_companion_sends(frame: object) -> None:
    assert not of("server").is_valid(frame)


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "sing"},
        {"action": "send", "turn_id": "t"},
        {"action": "send", "turn_id": "t", "text": " "},
        {"action": "send", "turn_id": "", "text": "hello"},
        {"action": "send", "turn_id": "t", "text": "a" * 8193},
        {"action": "listen", "language": "English"},
    ],
)
def test_the_schema_refuses_what_handlers_refuse(frame: object) -> None:
    assert not of("client").is_valid(frame)
