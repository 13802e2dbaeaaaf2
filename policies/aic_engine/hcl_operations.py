"""Operators of HCL on values that may be unknown, and the conversions that they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aic_engine.hcl_instances import Instance
from aic_engine.values import Unknown, holds_unknown

COMPUTED = Unknown("it is a computed expression")


def operate(operator: str, operands: list[Any]) -> Any:
    """The value of one or two operands under an operator, as far as it is certain."""
    left = operands[0]
    if len(operands) == 1:
        if operator == "!":
            flag = as_flag(left)
            return COMPUTED if flag is None else not flag
        number = as_amount(left)
        return COMPUTED if number is None else -number
    right = operands[1]
    if operator in ("&&", "||"):
        flags = (as_flag(left), as_flag(right))
        decisive = operator == "||"
        if decisive in flags:
            return decisive
        return COMPUTED if None in flags else not decisive
    if operator in ("==", "!="):
        if None in (left, right) and _is_something(right if left is None else left):
            return operator == "!="
        if holds_unknown(left) or holds_unknown(right):
            return COMPUTED
        return same(left, right) is (operator == "==")
    return _arithmetic(operator, as_amount(left), as_amount(right))


def _arithmetic(operator: str, left: float | None, right: float | None) -> Any:
    if left is None or right is None or (operator in "/%" and right == 0):
        return COMPUTED
    operations: dict[str, Callable[[], Any]] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "%": lambda: left - right * int(left / right),
        "<": lambda: left < right,
        ">": lambda: left > right,
        "<=": lambda: left <= right,
        ">=": lambda: left >= right,
    }
    made = operations[operator]()
    return int(made) if isinstance(made, float) and made.is_integer() else made


def _is_something(value: Any) -> bool:
    """True where a value is not null for certain, known or not."""
    return isinstance(value, dict | list | Instance) or (isinstance(value, Unknown) and value.text is not None)


def same(one: Any, other: Any) -> bool:
    """Terraform's ``==``: values of different types are not equal."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)


def as_flag(value: Any) -> bool | None:
    """The boolean that Terraform converts a value to; ``None`` where that is not certain."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def as_amount(value: Any) -> int | float | None:
    """The number that Terraform converts a value to; ``None`` where that is not certain."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        return (
            (float(value) if "." in value or "e" in value.lower() else int(value)) if isinstance(value, str) else None
        )
    except ValueError:
        return None
