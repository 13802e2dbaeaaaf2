"""Frames are held against the schema that the handlers carry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion_gate.errors import GateError
from companion_gate.serve.protocol import NAME, Protocol
from tests.docs.protocol import SCHEMA


@pytest.fixture
def protocol() -> Protocol:
    return Protocol(SCHEMA)


def test_a_frame_of_the_protocol_has_no_fault(protocol: Protocol) -> None:
    frame = {"v": 1, "turn_id": "t", "seq": 0, "type": "text", "data": "hello"}
    assert list(protocol.faults_of_server(json.dumps(frame))) == []
    assert list(protocol.faults_of_client('{"action": "ping"}')) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no json", "no JSON"),
        ('{"v": 1}', "frame: breaks required"),
        ('{"v": 2, "turn_id": "t", "seq": 0, "type": "text", "data": "my secret"}', "v: breaks const"),
    ],
)
def test_a_fault_says_where_and_never_what_was_said(protocol: Protocol, text: str, fault: str) -> None:
    faults = list(protocol.faults_of_server(text))
    assert fault in faults
    assert "secret" not in str(faults)


@pytest.mark.parametrize("content", ["{", '{"type": 4711}'])
def test_a_schema_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    with pytest.raises(GateError, match=f"{NAME} of the handlers cannot be read"):
        Protocol(tmp_path / NAME)
