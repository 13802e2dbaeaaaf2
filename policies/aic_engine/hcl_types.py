"""What Terraform makes of a value given to a variable. Terraform docs, "Type Constraints"."""

from __future__ import annotations

from typing import Any

from aic_engine.hcl_functions import Unsure, as_text
from aic_engine.hcl_nodes import Call, Literal, Name, Node, ObjectNode, Operation, TupleNode
from aic_engine.values import Unknown


def convert(value: Any, type_: Node | None) -> Any:
    """The value converted to the type, defaults of ``optional()`` filled in; unknown where that is not certain."""
    if type_ is None or value is None or isinstance(value, Unknown):
        return value
    if isinstance(type_, Name):
        return _primitive(value, type_.name)
    if not isinstance(type_, Call) or not type_.arguments:
        return value
    inner = type_.arguments[0]
    if type_.name == "object" and isinstance(inner, ObjectNode) and isinstance(value, dict):
        return {str(_constant(key)): _member(value, str(_constant(key)), part) for key, part in inner.items}
    if type_.name == "map" and isinstance(value, dict):
        return {key: convert(item, inner) for key, item in value.items()}
    if type_.name in ("list", "set") and isinstance(value, list):
        items = [convert(item, inner) for item in value]
        return _unique(items) if type_.name == "set" else items
    if type_.name == "tuple" and isinstance(inner, TupleNode) and isinstance(value, list):
        return [convert(item, part) for item, part in zip(value, inner.items, strict=False)]
    return Unknown("it does not have the type of the variable")


def _member(value: dict[str, Any], name: str, type_: Node) -> Any:
    if not isinstance(type_, Call) or type_.name != "optional":
        return convert(value[name], type_) if name in value else Unknown(f"{name} is not given")
    given = value.get(name)
    if given is None and len(type_.arguments) > 1:
        given = _constant(type_.arguments[1])
    return convert(given, type_.arguments[0])


def _constant(node: Node) -> Any:
    """The value of a literal: nothing else may stand in a type."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, TupleNode):
        return [_constant(item) for item in node.items]
    if isinstance(node, ObjectNode):
        return {str(_constant(key)): _constant(item) for key, item in node.items}
    if isinstance(node, Operation) and node.operator == "-" and len(node.operands) == 1:
        return -_constant(node.operands[0])
    return Unknown("the default in a type is no literal")


def _primitive(value: Any, type_: str) -> Any:
    if type_ == "bool" and isinstance(value, str):
        return {"true": True, "false": False}.get(value, value)
    if type_ == "number" and isinstance(value, str):
        try:
            return float(value) if "." in value or "e" in value.lower() else int(value)
        except ValueError:
            return value
    if type_ == "string" and not isinstance(value, str):
        try:
            return as_text(value)
        except Unsure:
            return value
    return value


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if isinstance(item, Unknown) or item not in found:
            found.append(item)
    return sorted(found) if all(isinstance(item, str) for item in found) else found
