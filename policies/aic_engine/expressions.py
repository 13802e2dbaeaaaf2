"""Values out of HCL as Checkov's parser gives it, evaluated only as far as that is certain.

The parser writes an expression as the string ``"${…}"``, a literal as itself. Literals, and ``var.x``, ``local.x`` and
``module.m.x`` that lead to literals, are known, and so is ``toset`` of literal strings; everything else (functions,
conditions, ``for``, ``each``, resource attributes, the defaults of ``optional()``) is unknown: a wrong guess would be
worse than none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aic_engine.traversals import ANY, Traversal
from aic_engine.values import Unknown, entry

if TYPE_CHECKING:
    from aic_engine.hcl_graph import HclScope

_EXPRESSION = re.compile(r"\$\{(.*)\}", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PLAIN_TRAVERSAL = re.compile(r"[A-Za-z_][\w-]*(\[[^\[\]]*\]|\.[A-Za-z_][\w-]*|\.\d+)*")
_QUOTED = r"'([^'\\$]*)'"
_LITERAL_SET = re.compile(rf"toset\(\[((?:{_QUOTED}(?:, )?)*)\]\)")
_COMPUTED_KEY = re.compile(r"[.(\[{]")
"""The parser drops the parentheses of ``(var.key)``, so a key with a dot in it may be a computed one."""
_DEPTH = 20
_MISSING = object()
_OWN_INSTANCE = re.compile(r"(?!var\.|local\.|module\.|data\.)[\w-]+\.[\w-]+\[(each\.key|count\.index)\]\.[^\[]*$")
_NO_RESOURCE = ("data", "path", "terraform", "self")


def is_expression(text: str) -> bool:
    return "${" in text or "%{" in text


def evaluate(raw: Any, scope: HclScope, depth: int = 0) -> Any:
    """``raw`` with every expression in it replaced by its value or by :class:`Unknown`; ``None`` is null."""
    if depth > _DEPTH:
        return Unknown("its references go in a circle")
    if isinstance(raw, list):
        return [evaluate(item, scope, depth + 1) for item in raw]
    if isinstance(raw, dict):
        if any(isinstance(key, str) and _COMPUTED_KEY.search(key) for key in raw):
            return Unknown("a key of the object is computed")
        return {key: evaluate(item, scope, depth + 1) for key, item in raw.items()}
    if not isinstance(raw, str) or not is_expression(raw):
        return raw
    match = _EXPRESSION.fullmatch(raw)
    if match is None or "${" in match.group(1).replace("$${", ""):
        return Unknown("it is built from other values")
    return _evaluate_code(match.group(1).strip(), scope, depth)


def _evaluate_code(code: str, scope: HclScope, depth: int) -> Any:
    if code in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[code]
    if _NUMBER.fullmatch(code):
        return float(code) if "." in code else int(code)
    if literal_set := _LITERAL_SET.fullmatch(code):
        return sorted(re.findall(_QUOTED, literal_set.group(1)))
    if not _PLAIN_TRAVERSAL.fullmatch(code):
        return Unknown("it is a computed expression")
    traversal = Traversal.parse(code)
    names = traversal.names
    if _OWN_INSTANCE.match(code):
        return Unknown("it belongs to the instance with the same key", origin=(scope, code))
    if any(part.index == ANY for part in traversal.parts):
        return Unknown("it takes one element out of a collection")
    if names[0] == "var" and len(names) > 1:
        value = _descend(scope.variable(names[1], depth + 1), traversal, 1)
        if isinstance(value, dict | list) and scope.has_optional_attributes(names[1]):
            return Unknown(f"defaults of the type of var.{names[1]} may be part of it")
        return value
    if names[0] == "local" and len(names) > 1:
        return _descend(scope.local(names[1], depth + 1), traversal, 1)
    if names[0] == "module" and len(names) > 2:
        return _descend(scope.output_of(names[1], names[2], depth + 1), traversal, 2)
    if names[0] in ("each", "count"):
        return Unknown("it differs from instance to instance")
    return Unknown(
        f"it is {code}, known to Terraform only", origin=(scope, code) if names[0] not in _NO_RESOURCE else None
    )


def _descend(value: Any, traversal: Traversal, root: int) -> Any:
    """Follow the parts of a traversal behind the name at ``root`` into a value."""
    steps: list[str | int] = []
    for at, part in enumerate(traversal.parts[root:]):
        if at:
            steps.append(int(part.name) if part.name.isdigit() else part.name)
        if part.index is not None:
            steps.append(part.index)
    for step in steps:
        if isinstance(value, Unknown) and value.origin is not None:
            scope, code = value.origin
            value = replace(value, origin=(scope, f"{code}.{step}" if isinstance(step, str) else f"{code}[{step}]"))
            continue
        if isinstance(value, Unknown):
            return value
        value = entry(value, step, _MISSING)
        if value is _MISSING or value is None:
            return Unknown(f"{traversal.text} is not written out; a default of its type may apply")
    return value


def convert(value: Any, type_: str) -> Any:
    """The conversion that Terraform makes for a variable of a primitive type (``"true"`` for a bool is true)."""
    if isinstance(value, str) and type_ == "bool":
        return {"true": True, "false": False}.get(value, value)
    if isinstance(value, str) and type_ == "number" and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value
