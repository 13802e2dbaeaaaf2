"""Reads provider messages at protobuf's wire level: no generated code, and every field it does not know is kept.

Field numbers: Terraform's docs/plugin-protocol/tfplugin5.proto (5.0 to 5.10) and tfplugin6.proto (6.0 to 6.10), which
agree on the messages read here. Wire format: Protocol Buffers docs, "Encoding".
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from companion_gate.errors import GateError

# GetProviderSchema.Response: maps from a type's name to its schema, and the one from a function's name.
_RESOURCES, _DATA_SOURCES, _FUNCTIONS, _EPHEMERAL, _LISTS, _ACTIONS = 2, 3, 7, 8, 9, 11
_BY_TYPE = frozenset({_RESOURCES, _DATA_SOURCES, _EPHEMERAL, _LISTS, _ACTIONS})
_CONFIGURE_DIAGNOSTICS = 1
_SEVERITY, _ERROR = 1, 1
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}
_MAX_SHIFT = 63


class WireError(GateError):
    """Bytes that are no protobuf message."""


@dataclass(frozen=True)
class Field:
    """One field of a message: its record is `message[start:end]`, its value `message[value:end]`."""

    number: int
    wire_type: int
    start: int
    value: int
    end: int


def fields(message: bytes) -> Iterator[Field]:
    """The fields of a message in order; WireError where it breaks off or is no message."""
    at, size = 0, len(message)
    while at < size:
        start = at
        tag, at = _varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        value = at
        if wire_type == _VARINT:
            _, at = _varint(message, at)
        elif wire_type == _LENGTH:
            length, value = _varint(message, at)
            at = value + length
        elif wire_type in _FIXED_BYTES:
            at += _FIXED_BYTES[wire_type]
        else:
            raise _broken(f"wire type {wire_type} at byte {start}")
        if number == 0:
            raise _broken(f"field number 0 at byte {start}")
        if at > size:
            raise _broken(f"it ends at byte {size} inside field {number}, which needs {at}")
        yield Field(number, wire_type, start, value, at)


def slim_schema(response: bytes, types: Collection[str], functions: Collection[str]) -> bytes:
    """A GetProviderSchema response with only these resource, data source, ephemeral types and functions.

    A name is kept in each of the maps, because Terraform looks into the others for the hints in its messages.
    """
    kept: list[bytes] = []
    for field in fields(response):
        if field.number in _BY_TYPE or field.number == _FUNCTIONS:
            wanted = functions if field.number == _FUNCTIONS else types
            if _map_key(response[field.value : field.end], field) not in wanted:
                continue
        kept.append(response[field.start : field.end])
    return b"".join(kept)


def configure_digest(request: bytes) -> str:
    """SHA-256 (hex) of a Configure request, whatever order its fields were written in."""
    digest = hashlib.sha256()
    records = [(field.number, request[field.start : field.end]) for field in fields(request)]
    # sorted() is stable, and protobuf orders only fields of the same number.
    for number, record in sorted(records, key=lambda each: each[0]):
        digest.update(f"{number}:{len(record)}:".encode())
        digest.update(record)
    return digest.hexdigest()


def configure_failed(response: bytes) -> bool:
    """Whether a Configure response holds a diagnostic of severity ERROR."""
    for field in fields(response):
        if field.number == _CONFIGURE_DIAGNOSTICS and field.wire_type == _LENGTH:
            diagnostic = response[field.value : field.end]
            for part in fields(diagnostic):
                if part.number == _SEVERITY and _varint(diagnostic, part.value)[0] == _ERROR:
                    return True
    return False


def _map_key(entry: bytes, field: Field) -> str:
    """The key of a map entry: its field 1, empty when that is left out (protobuf's default)."""
    if field.wire_type != _LENGTH:
        raise _broken(f"field {field.number} at byte {field.start} is no map entry")
    key = b""
    for part in fields(entry):
        if part.number == 1 and part.wire_type == _LENGTH:
            key = entry[part.value : part.end]
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        raise _broken(f"the key of field {field.number} at byte {field.start} is not UTF-8") from None


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a byte, and where it ends."""
    number = shift = 0
    while True:
        if at >= len(message):
            raise _broken(f"it ends at byte {len(message)} inside a number")
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > _MAX_SHIFT:
            raise _broken(f"a number at byte {at} is longer than 64 bits")


def _broken(cause: str) -> WireError:
    return WireError(f"a message of the provider cannot be read: {cause}; plan without the fast lane")
