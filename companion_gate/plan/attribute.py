"""One attribute of a planned resource, compared as a value but aware of what a plan does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aic_engine.values import Absent, Known, Unknown, holds_unknown, show
from companion_gate.explained import Explained
from companion_gate.hcl.locate import SourceLine

if TYPE_CHECKING:
    from companion_gate.plan.view import ResourceView


class UnknownAtPlan(AssertionError):  # noqa: N818 - it fails a test, like any other assertion
    """A value was compared that Terraform only knows after apply. ``!=`` and ``not in`` would otherwise pass."""


class Attribute(Explained):
    """``plan["aws_sqs_queue.turns"]["visibility_timeout_seconds"]``.

    Compares like its value. Comparing, ordering, testing or iterating an unknown value raises :class:`UnknownAtPlan`;
    ask ``is_unknown``, ``is_set`` or ``references`` instead. A sensitive value never shows in a message.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, resource: ResourceView, path: str) -> None:
        self.resource = resource
        self.path = path
        self._value = resource.planned(path)

    @property
    def is_unknown(self) -> bool:
        return isinstance(self._value, Unknown)

    @property
    def is_set(self) -> bool:
        """False where the plan holds null or nothing."""
        return not isinstance(self._value, Absent)

    @property
    def is_sensitive(self) -> bool:
        return self.resource.is_sensitive(self.path)

    @property
    def value(self) -> Any:
        """The planned value, None where it is not set. Raises :class:`UnknownAtPlan`."""
        if isinstance(self._value, Known) and not holds_unknown(self._value.value):
            return self._value.value
        if isinstance(self._value, Absent):
            return None
        what = "a part of it is known" if isinstance(self._value, Known) else "it is known"
        raise UnknownAtPlan(
            f"{self.resource.address}.{self.path}: {what} only after apply; assert on .references, on .is_unknown, "
            f"or on the applied value{self._at()}"
        )

    @property
    def references(self) -> tuple[str, ...]:
        """Addresses that the expression refers to, with the attribute, followed through locals, modules and outputs."""
        return self.resource.references(self.path)

    @property
    def source(self) -> SourceLine | None:
        """The HCL line that sets it."""
        return self.resource.source(self.path)

    @property
    def shown(self) -> str:
        """The value as it may be printed."""
        if self.is_sensitive:
            return "(sensitive value)"
        if self.is_unknown:
            return "(known after apply)"
        return show(self._value) if isinstance(self._value, Known) else "(not set)"

    def explain(self, operator: str, other: object) -> list[str]:
        """The lines of a failed comparison."""
        expected = "(hidden: the attribute is sensitive)" if self.is_sensitive else f"{operator} {_shown(other)}"
        return [
            f"{self.resource.address}.{self.path}",
            f"  expected: {expected.removeprefix('== ')}",
            f"  found:    {self.shown}",
            f"  source:   {self.source or 'not in the HCL at hand'}",
        ]

    def _at(self) -> str:
        return f" ({self.source})" if self.source else ""

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _plain(other))

    def __ne__(self, other: object) -> bool:
        return bool(self.value != _plain(other))

    def __lt__(self, other: object) -> bool:
        return bool(self.value < _plain(other))

    def __le__(self, other: object) -> bool:
        return bool(self.value <= _plain(other))

    def __gt__(self, other: object) -> bool:
        return bool(self.value > _plain(other))

    def __ge__(self, other: object) -> bool:
        return bool(self.value >= _plain(other))

    def __contains__(self, item: object) -> bool:
        return item in self.value

    def __bool__(self) -> bool:
        value = self._value.value if isinstance(self._value, Known) else self.value
        return bool(value)

    def __len__(self) -> int:
        """The length of a list or map, also where its elements are unknown."""
        return len(self._value.value if isinstance(self._value, Known) else self.value)

    def __iter__(self) -> Any:
        return iter(self.value)

    def __repr__(self) -> str:
        return f"<{self.resource.address}.{self.path} = {self.shown}>"


def _plain(other: object) -> Any:
    return other.value if isinstance(other, Attribute) else other


def _shown(other: object) -> str:
    return other.shown if isinstance(other, Attribute) else repr(other)
