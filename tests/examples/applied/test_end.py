"""The end of a deployed example: every call was known, all is destroyed, and nothing is left in the account."""

from __future__ import annotations

from companion_gate.aws.inventory import PARTS, on_their_own
from tests.applying import Applied, Record

from .selection import each_example


@each_example
def test_inventory_sees_every_type_that_is_deployed(applied: Applied) -> None:
    # A part may be added to what was there before.
    assert {entry.split(" ")[0] for entry in applied.held()} >= on_their_own(applied.types - PARTS.keys())


@each_example
def test_the_emulated_aws_knew_every_call(applied: Applied) -> None:
    assert applied.aws.gaps == []


@each_example
def test_destroy_leaves_nothing(applied: Applied, record_property: Record) -> None:
    assert applied.destroy(record_property) == frozenset()
