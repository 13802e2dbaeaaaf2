"""Values of HCL expressions, as far as they are certain.

What Terraform alone knows (attributes that AWS makes, ``timestamp()``, the workspace, variables without a value) is
:class:`Unknown`; objects and lists around it stay readable, and a text keeps its known parts. A function that is not in
:mod:`aic_engine.hcl_functions` is unknown: a wrong guess would be worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aic_engine.hcl_functions import FUNCTIONS, Unsure, as_text
from aic_engine.hcl_instances import IndexKey, Instance, OwnKey
from aic_engine.hcl_nodes import (
    Attr,
    Call,
    Conditional,
    For,
    Index,
    Literal,
    Name,
    Node,
    ObjectNode,
    Splat,
    Template,
    TupleNode,
    written,
)
from aic_engine.hcl_operations import COMPUTED, as_flag, operate, same
from aic_engine.values import GAP, Unknown, entry, holds_unknown

if TYPE_CHECKING:
    from aic_engine.hcl_graph import HclScope

_DEPTH = 40
_MISSING = object()
_VARIES = Unknown("it differs from instance to instance")
_CIRCLE = Unknown("its references go in a circle")


@dataclass(frozen=True)
class Env:
    """Where an expression stands: its module, the instance (``each``, ``count``), and what ``for`` binds."""

    scope: HclScope
    instance: Mapping[str, Any] | None = None
    """``each.key``, ``each.value`` and ``count.index`` of the instance; ``None`` where no single one is meant."""
    bound: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0

    def deeper(self, **bound: Any) -> Env:
        return replace(self, depth=self.depth + 1, bound={**self.bound, **bound} if bound else self.bound)


def evaluate(node: Node, env: Env) -> Any:
    """The value, with :class:`Unknown` wherever it cannot be told; ``None`` is null."""
    if env.depth > _DEPTH:
        return _CIRCLE
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Template):
        return _template(node, env)
    if isinstance(node, Name | Attr | Index):
        return _traversal(node, env)
    if isinstance(node, TupleNode):
        return [evaluate(item, env.deeper()) for item in node.items]
    if isinstance(node, ObjectNode):
        return _object(node, env)
    if isinstance(node, Call):
        return _call(node, env)
    if isinstance(node, Splat):
        return _splat(node, env)
    if isinstance(node, For):
        return _for(node, env)
    if isinstance(node, Conditional):
        return _conditional(node, env)
    return operate(node.operator, [evaluate(operand, env.deeper()) for operand in node.operands])


def _template(node: Template, env: Env) -> Any:
    if node.directives:
        return Unknown("it is built by a template")
    text, known = "", True
    gaps: list[Unknown] = []
    for part in node.parts:
        value = evaluate(part, env.deeper())
        if isinstance(value, Unknown):
            known = False
            text += GAP if value.text is None else value.text
            gaps += [value] if value.text is None else value.gaps
        else:
            try:
                text += as_text(value)
            except Unsure:
                return COMPUTED
    return text if known else Unknown("it is built from other values", text=text, gaps=tuple(gaps))


def _object(node: ObjectNode, env: Env) -> Any:
    found: dict[str, Any] = {}
    for key_node, value in node.items:
        key = evaluate(key_node, env.deeper())
        if isinstance(key, Unknown) or key is None:
            return Unknown("a key of the object is computed")
        found[as_text(key)] = evaluate(value, env.deeper())
    return found


def _traversal(node: Node, env: Env) -> Any:
    steps: list[str | Node] = []
    while isinstance(node, Attr | Index):
        steps.append(node.name if isinstance(node, Attr) else node.key)
        node = node.base
    steps.reverse()
    if not isinstance(node, Name):
        return descend(evaluate(node, env.deeper()), _keys(steps, env), env.depth + 1)
    if node.name in env.bound:
        return descend(env.bound[node.name], _keys(steps, env), env.depth + 1)
    keys = _keys(steps, env)
    return _named(node.name, keys, env)


def _keys(steps: list[str | Node], env: Env) -> list[Any]:
    return [step if isinstance(step, str) else _key(step, env) for step in steps]


def _key(node: Node, env: Env) -> Any:
    value = evaluate(node, env.deeper())
    if isinstance(value, Unknown) and (text := written(node)) in ("each.key", "count.index"):
        return OwnKey(text)
    return IndexKey(value) if isinstance(value, str) else value


def _named(root: str, keys: list[Any], env: Env) -> Any:
    scope, depth = env.scope, env.depth + 1
    if not keys:
        return Unknown(f"{root} is known to Terraform only")
    if root == "var":
        return descend(scope.variable(keys[0], depth), keys[1:], depth)
    if root == "local":
        return descend(scope.local(keys[0], depth), keys[1:], depth)
    if root == "module":
        return _output(keys, env)
    if root in ("each", "count"):
        name = f"{root}.{keys[0]}"
        if env.instance is None or name not in env.instance:
            return _VARIES
        return descend(env.instance[name], keys[1:], depth)
    if root == "terraform" and keys == ["workspace"] and scope.workspace is not None:
        return scope.workspace
    if root in ("terraform", "path", "self"):
        return Unknown(f"{root}.{keys[0]} is known to Terraform only")
    if root == "data":
        return scope.data_value(keys, depth)
    return scope.resource_value(root, keys, depth)


def _output(keys: list[Any], env: Env) -> Any:
    index: Any = None
    call, rest = keys[0], keys[1:]
    if rest and isinstance(rest[0], IndexKey | int | Unknown | OwnKey):
        index, rest = rest[0], rest[1:]
    if not rest:
        return env.scope.outputs_of(call, index, env.depth + 1)
    return descend(env.scope.output_of(call, str(rest[0]), index, env.depth + 1), rest[1:], env.depth + 1)


def descend(value: Any, keys: list[Any], depth: int = 0) -> Any:
    """Follow attribute names and indexes into a value."""
    for at, key in enumerate(keys):
        if isinstance(key, Unknown | OwnKey):
            return Unknown("it takes one element out of a collection")
        if isinstance(value, Instance) and value.origin is not None:
            scope: HclScope = value.origin[0]
            return scope.resource_value(value.type, [*value.keys, *keys[at:]], depth)
        if isinstance(value, Unknown):
            if value.origin is None:
                return value
            scope, text = value.origin
            step = f'["{key}"]' if isinstance(key, IndexKey) else f".{key}" if isinstance(key, str) else f"[{key}]"
            value = replace(value, origin=(scope, f"{text}{step}"), text=None, document=None)
            continue
        if isinstance(value, dict):
            found = value.get(str(key), _MISSING)
        else:
            found = entry(value, int(key) if str(key).isdigit() else key, _MISSING)
        if found is _MISSING:
            return Unknown(f"{key} is not written out; a default of its type may apply")
        value = found
    return value


def _call(node: Call, env: Env) -> Any:
    if node.name in ("try", "can"):
        return _try(node, env)
    arguments = [evaluate(argument, env.deeper()) for argument in node.arguments]
    if node.spread:
        last = arguments.pop()
        if not isinstance(last, list):
            return COMPUTED
        arguments += last
    function: Callable[..., Any] | None = FUNCTIONS.get(node.name)
    if function is None:
        return Unknown(f"it is computed by {node.name}()")
    try:
        return function(*arguments)
    except Unsure:
        return Unknown(f"it is computed by {node.name}() of what is not known")
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return Unknown(f"{node.name}() cannot be computed here")


def _try(node: Call, env: Env) -> Any:
    """Only a first argument that is known for certain is the answer: an error cannot be told from the unknown."""
    value = evaluate(node.arguments[0], env.deeper()) if node.arguments else COMPUTED
    if holds_unknown(value):
        return Unknown(f"it is computed by {node.name}() of what is not known")
    return value if node.name == "try" else True


def _splat(node: Splat, env: Env) -> Any:
    value = evaluate(node.base, env.deeper())
    if isinstance(value, Unknown):
        return Unknown("it takes elements out of a collection")
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [evaluate(node.rest, env.deeper(**{"*": item})) for item in items]


def _for(node: For, env: Env) -> Any:
    collection = evaluate(node.collection, env.deeper())
    if not isinstance(collection, dict | list):
        return Unknown("it is built from a collection that is not known")
    pairs = sorted(collection.items()) if isinstance(collection, dict) else list(enumerate(collection))
    listed: list[Any] = []
    mapped: dict[str, Any] = {}
    for key, value in pairs:
        names = dict(zip(node.variables, (key, value) if len(node.variables) == 2 else (value,), strict=True))
        inner = env.deeper(**names)
        if node.condition is not None:
            wanted = as_flag(evaluate(node.condition, inner))
            if wanted is None:
                return Unknown("which elements it has is not known")
            if not wanted:
                continue
        made = evaluate(node.value, inner)
        if node.key is None:
            listed.append(made)
            continue
        at = evaluate(node.key, inner)
        if isinstance(at, Unknown) or at is None:
            return Unknown("a key of the object is computed")
        if node.group:
            mapped.setdefault(as_text(at), []).append(made)
        else:
            mapped[as_text(at)] = made
    return listed if node.key is None else mapped


def _conditional(node: Conditional, env: Env) -> Any:
    condition = as_flag(evaluate(node.condition, env.deeper()))
    if condition is not None:
        return evaluate(node.if_true if condition else node.if_false, env.deeper())
    one, other = evaluate(node.if_true, env.deeper()), evaluate(node.if_false, env.deeper())
    if not holds_unknown(one) and not holds_unknown(other) and same(one, other):
        return one
    return Unknown("a condition that is not known decides it", conditional=True)
