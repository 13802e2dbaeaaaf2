"""The questions that most rules ask of one attribute, answered with three values and a message."""

from __future__ import annotations

from collections.abc import Callable, Collection

from aic_engine.graph import Resource
from aic_engine.rule import Decision, failed, passed, require, undecided
from aic_engine.values import GAP, Absent, Known, Unknown, Value, as_bool, as_number


def is_true(resource: Resource, path: str, *, cure: str) -> Decision:
    return require(resource, path, lambda value: as_bool(value) is True, expected="true", cure=cure)


def is_not_true(resource: Resource, path: str, *, cure: str) -> Decision:
    """Passes where the argument is false or not set: for arguments that default to false."""

    def holds(value: Value) -> bool:
        return isinstance(value, Absent) or as_bool(value) is False

    return require(resource, path, holds, expected="false or not set", cure=cure)


def is_one_of(resource: Resource, path: str, allowed: Collection[str], *, cure: str) -> Decision:
    expected = " or ".join(sorted(allowed))
    return require(resource, path, lambda v: isinstance(v, Known) and v.value in allowed, expected=expected, cure=cure)


def is_between(
    resource: Resource,
    path: str,
    low: float,
    high: float,
    *,
    unit: str,
    cure: str,
    default: float | None = None,
) -> Decision:
    """``low <= value <= high``; an absent value is ``default``, and fails where there is none."""

    def holds(value: Value) -> bool:
        number = default if isinstance(value, Absent) else as_number(value)
        return number is not None and low <= number <= high

    return require(resource, path, holds, expected=f"{low:g} to {high:g} {unit}".strip(), cure=cure)


def is_set(resource: Resource, path: str, *, expected: str, cure: str) -> Decision:
    """Passes where something is given; which, matters not, and need not be known yet."""
    value = resource.get(path)
    answer = given(resource, value)
    if answer is True:
        return passed(path)
    if answer is None and isinstance(value, Unknown):
        return undecided(path, expected=expected, value=value)
    return failed(path, expected=expected, actual=value, cure=cure)


def is_own_key(resource: Resource, path: str) -> Decision:
    """Passes where a customer managed KMS key is given: AWS's own keys have no policy that could keep anybody out."""
    value = resource.get(path)
    cure = f"set {path.rpartition('.')[2]} to a key of your own"
    if isinstance(value, Known) and "alias/aws/" in str(value.value):
        return failed(path, expected="a KMS key of your own", actual=value, cure=cure)
    return is_set(resource, path, expected="a KMS key of your own", cure=cure)


def given(resource: Resource, value: Value) -> bool | None:
    """Whether something is given; ``None`` where it may be null.

    What a plan only knows after apply is not null there: Terraform settles conditions before. In HCL, an attribute of
    another resource is something, and so is a text with unknown parts.
    """
    if isinstance(value, Unknown):
        # A text of nothing but unknown parts may be empty.
        written = bool((value.text or "").replace(GAP, "")) or any(gap.origin is not None for gap in value.gaps)
        return True if resource.expands or value.origin is not None or written else None
    return isinstance(value, Known) and value.value not in ("", [], {})


def each_block(resource: Resource, name: str) -> list[str] | Unknown:
    """The paths of the nested blocks called ``name``."""
    count = resource.blocks(name)
    return count if isinstance(count, Unknown) else [f"{name}[{at}]" for at in range(count)]


def find_block(
    resource: Resource, name: str, matches: Callable[[str], bool | None]
) -> tuple[str | None, list[str] | Unknown]:
    """The first nested block that ``matches``, and those that may: a rule that needs one looks at both."""
    paths = each_block(resource, name)
    if isinstance(paths, Unknown):
        return None, paths
    doubtful = []
    for path in paths:
        answer = matches(path)
        if answer is True:
            return path, []
        if answer is None:
            doubtful.append(path)
    return None, doubtful


def equals(resource: Resource, path: str, wanted: str) -> bool | None:
    value = resource.get(path)
    return None if isinstance(value, Unknown) else isinstance(value, Known) and value.value == wanted


def texts(value: Value) -> list[str] | None:
    """A list or set of texts, or one text; ``None`` where any of it is unknown."""
    if isinstance(value, Absent):
        return []
    if not isinstance(value, Known):
        return None
    items = value.value if isinstance(value.value, list) else [value.value]
    return None if any(isinstance(item, Unknown) for item in items) else [str(item) for item in items]


def doubt(what: str) -> Unknown:
    return Unknown(what, "decide it on the plan")
