"""The end of a deployed example: every call was known, all is destroyed, and nothing is left in the account."""

from __future__ import annotations

import resource
from collections.abc import Callable

from companion_gate.aws.inventory import PARTS, on_their_own

from .conftest import Applied
from .selection import each_example

Record = Callable[[str, object], None]


@each_example
def test_inventory_sees_every_type_that_is_deployed(applied: Applied) -> None:
    deployed = {type_ for type_, instances in applied.deployment.resources().items() if instances}
    # A part may be added to what was there before.
    assert {entry.split(" ")[0] for entry in applied.held()} >= on_their_own(deployed - PARTS.keys())


@each_example
def test_the_emulated_aws_knew_every_call(applied: Applied) -> None:
    assert applied.aws.gaps == []


@each_example
def test_destroy_leaves_nothing(applied: Applied, record_property: Record) -> None:
    applied.destroy()
    left = applied.held()
    record_property("left", len(left))
    record_property("steps", [_told(applied, number) for number in range(len(applied.deployment.steps))])
    record_property("emulator", _emulator(applied))
    assert left == frozenset()


def _told(applied: Applied, number: int) -> dict[str, object]:
    step = applied.deployment.steps[number]
    chain = " > ".join(f"{each.address.split('module.')[-1]} {each.seconds:.0f} s" for each in step.chain)
    return {
        "name": step.name,
        "seconds": step.seconds,
        "cpu": step.cpu_seconds,
        "waited": step.waited,
        "chain": chain,
    }


def _emulator(applied: Applied) -> str:
    if applied.aws.embedded is None:
        return applied.aws.name
    calls = sum(applied.aws.embedded.calls.count.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{calls} calls, {applied.emulator_cpu():.1f} CPU s and at most {memory:.0f} MiB in the tests' process"
