"""Which of some provider versions Terraform would install, for the constraints that need no judgement."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_CONDITION = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*(\d+(?:\.\d+){0,2})")

Version = tuple[int, int, int]


def newest(versions: Iterable[str], constraints: Iterable[str]) -> str | None:
    """The newest release that meets every constraint; None where only Terraform can tell.

    None also when nothing fits, and as soon as a pre-release or an unusual constraint is in play. Rules: Terraform
    docs, "Version Constraints".
    """
    ranges = [_condition(part) for constraint in constraints for part in constraint.split(",")]
    parsed = {each: match for each in versions if (match := _VERSION.fullmatch(each))}
    if None in ranges or len(parsed) != len(list(versions)):
        return None
    numbers = {each: (int(match[1]), int(match[2]), int(match[3])) for each, match in parsed.items()}
    fitting = [each for each in numbers if all(rule and _meets(numbers[each], *rule) for rule in ranges)]
    return max(fitting, key=lambda each: numbers[each], default=None)


def _condition(text: str) -> tuple[str, Version, int] | None:
    """Operator, version filled up with zeros, and how many parts of it were written."""
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        return None
    parts = [int(part) for part in match[2].split(".")]
    operator = match[1] or "="
    # "~> 5" and "= 5.1" are read differently by different releases, or hardly ever meant.
    if (operator == "~>" and len(parts) < 2) or (operator in ("=", "!=") and len(parts) < 3):
        return None
    major, minor, patch = (*parts, 0, 0)[:3]
    return operator, (major, minor, patch), len(parts)


def _meets(version: Version, operator: str, bound: Version, parts: int) -> bool:
    match operator:
        case "=":
            return version == bound
        case "!=":
            return version != bound
        case ">":
            return version > bound
        case ">=":
            return version >= bound
        case "<":
            return version < bound
        case "<=":
            return version <= bound
        case _:
            # "~>": only the last part that was written may grow.
            return version >= bound and version[: parts - 1] == bound[: parts - 1]
