"""Messages made by hand, after the protobuf documentation's "Encoding"."""

from __future__ import annotations

import pytest

from companion_gate.fastlane.wire import WireError, configure_digest, configure_failed, fields, slim_schema


def record(number: int, payload: bytes) -> bytes:
    assert number < 16
    assert len(payload) < 128
    return bytes([number << 3 | 2, len(payload)]) + payload


def entry(number: int, key: str, schema: bytes = b"\x08\x01") -> bytes:
    return record(number, record(1, key.encode()) + record(2, schema))


PROVIDER = record(1, b"\x08\x07")
CAPABILITIES = record(6, b"\x08\x01\x10\x01")
# Field 15 as a varint of two bytes, as fixed64 and as fixed32: no version of the protocol has it.
UNKNOWN = b"\x78\xac\x02" + b"\x79" + bytes(8) + b"\x7d" + bytes(4)
RESPONSE = b"".join(
    [
        PROVIDER,
        entry(2, "aws_sqs_queue"),
        entry(2, "aws_s3_bucket"),
        entry(3, "aws_s3_bucket"),
        entry(3, "aws_region"),
        CAPABILITIES,
        entry(7, "arn_parse"),
        entry(7, "trim_iam_role_path"),
        entry(8, "aws_secret"),
        entry(10, "aws_state_store"),
        UNKNOWN,
    ]
)


def test_keeps_what_is_used_and_what_is_unknown_byte_by_byte() -> None:
    slim = slim_schema(RESPONSE, {"aws_s3_bucket"}, {"arn_parse"})
    assert slim == b"".join(
        [
            PROVIDER,
            entry(2, "aws_s3_bucket"),
            entry(3, "aws_s3_bucket"),
            CAPABILITIES,
            entry(7, "arn_parse"),
            entry(10, "aws_state_store"),
            UNKNOWN,
        ]
    )


def test_a_function_and_a_type_of_the_same_name_are_two_things() -> None:
    response = entry(2, "same") + entry(7, "same")
    assert slim_schema(response, {"same"}, set()) == entry(2, "same")
    assert slim_schema(response, set(), {"same"}) == entry(7, "same")


def test_finds_the_key_behind_the_value() -> None:
    swapped = record(2, record(2, b"\x08\x01") + record(1, b"aws_sqs_queue"))
    assert slim_schema(swapped, {"aws_sqs_queue"}, set()) == swapped
    assert slim_schema(swapped, {"aws_s3_bucket"}, set()) == b""


def test_a_message_cut_anywhere_is_an_error_or_ends_between_two_fields() -> None:
    ends = {0, *(field.end for field in fields(RESPONSE))}
    for size in range(len(RESPONSE)):
        if size in ends:
            assert RESPONSE.startswith(slim_schema(RESPONSE[:size], set(), set())[:2])
        else:
            with pytest.raises(WireError, match=r"cannot be read: .*; plan without the fast lane"):
                slim_schema(RESPONSE[:size], {"aws_sqs_queue"}, set())


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (b"\x0b", "wire type 3"),
        (b"\x00\x01", "field number 0"),
        (b"\x08" + b"\xff" * 10 + b"\x01", "longer than 64 bits"),
        (b"\x12\xff\xff\xff\xff\x7f", "ends at byte 6 inside field 2"),
        (b"\x10\x01", "no map entry"),
        (record(2, record(1, b"\xff")), "not UTF-8"),
    ],
)
def test_names_what_is_wrong_with_a_message(message: bytes, cause: str) -> None:
    with pytest.raises(WireError, match=cause):
        slim_schema(message, set(), set())


def test_digest_ignores_the_order_of_fields_and_nothing_else() -> None:
    version, config = record(1, b"1.11.4"), record(2, b"region")
    assert configure_digest(version + config) == configure_digest(config + version)
    others = [
        record(1, b"1.11.4") + record(2, b"regiom"),
        version,
        config + version + UNKNOWN,
        version + record(3, b"region"),
    ]
    assert len({configure_digest(each) for each in [version + config, *others]}) == 5
    assert configure_digest(record(2, b"a") + record(2, b"b")) != configure_digest(record(2, b"b") + record(2, b"a"))


def test_tells_an_error_from_a_warning() -> None:
    error, warning = record(1, b"\x08\x01" + record(2, b"no")), record(1, b"\x08\x02" + record(2, b"hm"))
    assert configure_failed(warning + error)
    assert not configure_failed(warning)
    assert not configure_failed(b"")
