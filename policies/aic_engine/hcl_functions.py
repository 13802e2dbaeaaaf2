"""Terraform's functions that the policies need values of. Reference: Terraform docs, "Built-in Functions".

Each takes evaluated arguments and raises :class:`Unsure` where an unknown argument would change its result.
Functions of files, time, randomness and hashes are left out: what they give is Terraform's to know.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from aic_engine.values import GAP, Unknown, holds_unknown


class Unsure(Exception):  # noqa: N818 - no error: the value is not known here
    """An argument is not known, so neither is the result."""


def as_text(value: Any) -> str:
    """The string that Terraform converts a primitive value to. Raises :class:`Unsure` for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    raise Unsure


def _sure(*values: Any) -> None:
    if any(holds_unknown(value) for value in values):
        raise Unsure


def _collection(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unsure
    return value


def _known_collection(value: Any) -> list[Any]:
    _sure(value)
    return _collection(value)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unsure
    return value


def _merge(*maps: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for each in maps:
        merged |= {} if each is None else _mapping(each)
    return merged


def _concat(*lists: Any) -> list[Any]:
    return [item for each in lists for item in _collection(each)]


def _flatten(value: Any) -> list[Any]:
    found: list[Any] = []
    for item in _collection(value):
        if isinstance(item, list):
            found += _flatten(item)
        elif isinstance(item, Unknown) and item.text is None and item.origin is None:
            raise Unsure  # it may be a list itself
        else:
            found.append(item)
    return found


def _distinct(value: Any) -> list[Any]:
    found: list[Any] = []
    for item in _collection(value):
        if isinstance(item, Unknown) or item not in found:
            found.append(item)
    return found


def _toset(value: Any) -> list[Any]:
    items = _distinct(value)
    return sorted(items) if all(isinstance(item, str) for item in items) else items


def _sort(value: Any) -> Any:
    items = _collection(value)
    if any(isinstance(item, Unknown) for item in items):
        return Unknown("the order of its elements is not known", document=items)
    return sorted(items)


def _compact(value: Any) -> list[Any]:
    if any(isinstance(item, Unknown) and not _is_text(item) for item in _collection(value)):
        raise Unsure
    return [item for item in value if item not in (None, "")]


def _is_text(value: Unknown) -> bool:
    return bool(value.text and value.text.strip(GAP))


def _coalesce(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unknown):
            raise Unsure
        if value not in (None, ""):
            return value
    raise Unsure


def _lookup(mapping: Any, key: Any, *default: Any) -> Any:
    _sure(key)
    found = _mapping(mapping)
    if key in found:
        return found[key]
    if not default:
        raise Unsure
    return default[0]


def _length(value: Any) -> int:
    if isinstance(value, Unknown) or value is None:
        raise Unsure
    return len(value)


def _contains(items: Any, wanted: Any) -> bool:
    _sure(wanted)
    if wanted in [item for item in _collection(items) if not isinstance(item, Unknown)]:
        return True
    _sure(items)
    return False


def _join(separator: Any, items: Any) -> Any:
    _sure(separator)
    pieces = [_piece(item) for item in _collection(items)]
    text = separator.join(pieces)
    return Unknown("it is built from other values", text=text) if GAP in text else text


def _piece(value: Any) -> str:
    if isinstance(value, Unknown):
        return GAP if value.text is None else value.text
    return as_text(value)


def _format(pattern: Any, *values: Any) -> Any:
    _sure(pattern)
    given = iter(values)

    def verb(match: re.Match[str]) -> str:
        if match.group(0) == "%%":
            return "%"
        value = next(given)
        if match.group(1) in ("s", "v"):
            return _piece(value)
        if match.group(1) == "d" and isinstance(value, int):
            return str(value)
        raise Unsure

    text = re.sub(r"%([a-zA-Z%])", verb, pattern)
    if "%" in re.sub(r"%([a-zA-Z%])", "", pattern):
        raise Unsure  # widths, flags and explicit positions
    return Unknown("it is built from other values", text=text) if GAP in text else text


def _jsonencode(value: Any) -> Any:
    if holds_unknown(value):
        return Unknown("it is JSON with parts that are known only after apply", document=value)
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for plain in "<>&\u2028\u2029":
        text = text.replace(plain, f"\\u{ord(plain):04x}")
    return text


def _jsondecode(value: Any) -> Any:
    if isinstance(value, Unknown):
        if value.document is None:
            raise Unsure
        return value.document
    return json.loads(value)


def _replace(text: Any, old: Any, new: Any) -> str:
    _sure(text, old, new)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise Unsure  # Go's regular expressions
    return str(text.replace(old, new))


def _element(items: Any, index: Any) -> Any:
    _sure(index)
    return _collection(items)[index % len(items)]


def _slice(items: Any, start: Any, end: Any) -> list[Any]:
    _sure(start, end)
    return _collection(items)[start:end]


def _range(*bounds: Any) -> list[Any]:
    _sure(*bounds)
    return list(range(*bounds))


def _numbers(function: Callable[[Iterable[Any]], Any]) -> Callable[..., Any]:
    def of(*values: Any) -> Any:
        _sure(*values)
        return function(values)

    return of


def _texts(function: Callable[..., Any]) -> Callable[..., Any]:
    def of(*values: Any) -> Any:
        _sure(*values)
        return function(*(as_text(value) if not isinstance(value, list | int) else value for value in values))

    return of


def _setproduct(*sets: Any) -> list[Any]:
    product: list[list[Any]] = [[]]
    for each in sets:
        product = [[*left, item] for left in product for item in _collection(each)]
    return product


def _tobool(value: Any) -> bool:
    _sure(value)
    return {"true": True, "false": False}[value] if isinstance(value, str) else bool(value)


def _tonumber(value: Any) -> int | float:
    _sure(value)
    return value if isinstance(value, int | float) else float(value) if "." in value else int(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": _numbers(lambda values: abs(*values)),
    "ceil": _numbers(lambda values: math.ceil(*values)),
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "endswith": _texts(lambda text, end: text.endswith(end)),
    "flatten": _flatten,
    "floor": _numbers(lambda values: math.floor(*values)),
    "format": _format,
    "join": _join,
    "jsondecode": _jsondecode,
    "jsonencode": _jsonencode,
    "keys": lambda value: sorted(_mapping(value)),
    "length": _length,
    "lookup": _lookup,
    "lower": _texts(lambda text: text.lower()),
    "max": _numbers(max),
    "merge": _merge,
    "min": _numbers(min),
    "nonsensitive": lambda value: value,
    "one": lambda value: _collection(value)[0] if len(value) == 1 else None if not value else _raise(),
    "range": _range,
    "replace": _replace,
    "reverse": lambda value: _collection(value)[::-1],
    "sensitive": lambda value: value,
    "setproduct": _setproduct,
    "setunion": lambda *values: _toset(_concat(*values)),
    "slice": _slice,
    "sort": _sort,
    "split": _texts(lambda separator, text: text.split(separator)),
    "startswith": _texts(lambda text, start: text.startswith(start)),
    "strcontains": _texts(lambda text, part: part in text),
    "substr": _texts(lambda text, at, length: text[at:] if length == -1 else text[at : at + length]),
    "sum": _numbers(lambda values: sum(*values)),
    "tobool": _tobool,
    "tolist": lambda value: _collection(value),
    "tomap": lambda value: _mapping(value),
    "tonumber": _tonumber,
    "toset": _toset,
    "tostring": _texts(lambda text: as_text(text)),
    "trimprefix": _texts(lambda text, prefix: text.removeprefix(prefix)),
    "trimspace": _texts(lambda text: text.strip()),
    "trimsuffix": _texts(lambda text, suffix: text.removesuffix(suffix)),
    "upper": _texts(lambda text: text.upper()),
    "values": lambda value: [item for _, item in sorted(_mapping(value).items())],
    "zipmap": lambda names, items: dict(zip(_collection(names), _collection(items), strict=True)),
}


def _raise() -> Any:
    raise Unsure
