"""What AWS's own model of an operation says about its parameters, applied to a request.

botocore checks types and required members before it sends; lengths, patterns, ranges and enums are checked by AWS
alone, and so by nothing between ``terraform plan`` and production. Here they are read from the same model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

# `re` does not know the classes (``\p{L}``) that AWS's patterns use.
import regex

# Values that AWS added after the model of the oldest botocore that this project allows (1.35.49).
# Source: AWS docs, "GuardrailPiiEntityConfig" and "GuardrailRegexConfig" (action NONE detects without acting).
LATER_VALUES = {"GuardrailSensitiveInformationAction": {"NONE"}}


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """One sentence, in AWS's wording, for each place in `value` that breaks `shape` (a botocore shape)."""
    if shape is None:
        return
    metadata = shape.metadata
    if shape.type_name == "structure":
        for name in metadata.get("required", []):
            if value.get(name) is None:
                yield _sentence(None, _join(path, name), "Member must not be null")
        for name, member in shape.members.items():
            if isinstance(value, Mapping) and value.get(name) is not None:
                yield from violations(member, value[name], _join(path, name))
        return
    if shape.type_name == "list":
        yield from _out_of_bounds(metadata, len(value), value, path, "length")
        for number, item in enumerate(value, start=1):
            yield from violations(shape.member, item, f"{path}.{number}.member")
        return
    if shape.type_name == "string":
        yield from _string_violations(shape, str(value), path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _out_of_bounds(metadata, value, value, path, "value")


def _string_violations(shape: Any, value: str, path: str) -> Iterator[str]:
    metadata = shape.metadata
    yield from _out_of_bounds(metadata, len(value), value, path, "length")
    pattern = metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield _sentence(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    allowed = metadata.get("enum")
    if allowed and value not in allowed and value not in LATER_VALUES.get(shape.name, ()):
        yield _sentence(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")


@cache
def _compiled(pattern: str) -> Any:
    """The patterns are Java's, where a character beyond U+FFFF is a pair of surrogates."""
    return regex.compile(pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"))


def _out_of_bounds(metadata: Mapping[str, Any], size: float, value: Any, path: str, noun: str) -> Iterator[str]:
    if "min" in metadata and size < metadata["min"]:
        yield _sentence(value, path, f"Member must have {noun} greater than or equal to {metadata['min']}")
    if "max" in metadata and size > metadata["max"]:
        yield _sentence(value, path, f"Member must have {noun} less than or equal to {metadata['max']}")


def _sentence(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
