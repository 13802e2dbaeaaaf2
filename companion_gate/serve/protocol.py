"""The protocol between clients and a companion: the schema that its handlers carry, and what breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from companion_gate.errors import GateError

NAME = "protocol-1.schema.json"


class Protocol:
    """Looks at frames, and tells what is wrong without what they say. Threads may share it."""

    def __init__(self, schema: Path) -> None:
        try:
            self.schema: dict[str, Any] = json.loads(schema.read_text(encoding="utf-8"))
            Draft202012Validator.check_schema(self.schema)
        except (OSError, ValueError) as error:
            raise GateError(f"{schema.name} of the handlers cannot be read: {error}") from error
        except SchemaError as error:
            raise GateError(f"{schema.name} of the handlers cannot be read: {error.message}") from error
        self._server = self._validator("server")
        self._client = self._validator("client")

    def faults_of_server(self, text: str) -> Iterator[str]:
        """What is wrong with a frame for a client."""
        yield from _faults(self._server, text)

    def faults_of_client(self, text: str) -> Iterator[str]:
        """What is wrong with a frame of a client."""
        yield from _faults(self._client, text)

    def _validator(self, side: str) -> Draft202012Validator:
        return Draft202012Validator({**self.schema, "$ref": f"#/$defs/{side}"})


def _faults(validator: Draft202012Validator, text: str) -> Iterator[str]:
    try:
        content = json.loads(text)
    except ValueError:
        yield "no JSON"
        return
    for error in validator.iter_errors(content):
        where = "/".join(str(part) for part in error.absolute_path) or "frame"
        # Not the message: it quotes the frame.
        yield f"{where}: breaks {error.validator}"
