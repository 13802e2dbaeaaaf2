"""One resource block of HCL, with its attributes as far as they are certain."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aic_engine.graph import Resource
from aic_engine.hcl_evaluate import Env, evaluate
from aic_engine.hcl_nodes import Block, Body, Conditional, Literal, Node, ObjectNode, TupleNode, children, references
from aic_engine.values import ABSENT, Absent, Step, Unknown, Value, dig, holds_unknown, parse_path

if TYPE_CHECKING:
    from aic_engine.hcl_graph import HclScope

Place = tuple[Body, Env]
_OVERRIDDEN = Unknown("an override file changes this resource", "remove the override file, or decide it on the plan")
_DYNAMIC = Unknown("a dynamic block decides it", "write the block out, or decide it on the plan")


class HclResource(Resource):
    """One resource block. ``count`` and ``for_each`` are not expanded: the block speaks for its instances.

    What all instances have alike is known, as far as ``count`` or ``for_each`` is.
    """

    def __init__(self, block: Block, scope: HclScope, file: Path) -> None:
        super().__init__(block.labels[0], block.labels[1], scope)
        self.body = block.body
        self._hcl = scope
        self.file = str(file)
        self.line = block.line
        self.overridden = False

    @property
    def exists(self) -> bool | Unknown:
        return self._hcl.makes_instances(self.body)

    @property
    def iteration(self) -> tuple[str, ...]:
        return references(self.body.node("for_each"))

    @property
    def repetition(self) -> str:
        return self._hcl.repetition_of(self.body)

    def get(self, path: str) -> Value:
        return self.at(path, None)

    def at(self, path: str, instance: Mapping[str, Any] | None, depth: int = 0) -> Value:
        """As :meth:`get`, for one instance; for all of them where ``instance`` is None."""
        if self.overridden:
            return _OVERRIDDEN
        steps = parse_path(path)
        value = self._value(steps, Env(self._hcl, instance, depth=depth))
        if instance is None and _is_open(value) and (instances := self._hcl.instances(self.body)):
            values = [self._value(steps, Env(self._hcl, each, depth=depth)) for each in instances]
            if not any(map(_is_open, values)) and all(each == values[0] for each in values):
                return values[0]
        return value

    def blocks(self, name: str) -> int | Unknown:
        if self.overridden:
            return _OVERRIDDEN
        found = self._find(parse_path(name), Env(self._hcl))
        if isinstance(found, Unknown):
            return found
        return len(found)

    def expression(self, path: str) -> tuple[str, ...] | None:
        found = self._node(path)
        if isinstance(found, Unknown):
            return None
        if found is None:
            return self._in_blocks(parse_path(path), self.body)
        node, env = found
        iterated = [text for name, text in env.bound.get(_ITERATED, {}).items() if _uses(node, name)]
        bound = frozenset(env.bound.get(_ITERATED, {}))
        return tuple(dict.fromkeys((*references(node, bound), *(each for texts in iterated for each in texts))))

    def _in_blocks(self, steps: tuple[Step, ...], body: Body) -> tuple[str, ...] | None:
        """What the nested blocks at a path refer to, where a path names blocks as a whole."""
        for at, step in enumerate(steps):
            blocks = _named_blocks(body, str(step))
            if isinstance(step, int) or not blocks:
                return ()
            index = steps[at + 1] if at + 1 < len(steps) else None
            if not isinstance(index, int):
                return tuple(dict.fromkeys(text for block in blocks for text in body_references(block)))
            if index >= len(blocks):
                return None
            if at + 2 == len(steps):
                return body_references(blocks[index])
            if any(block.labels[:1] == (step,) for block in body.of_kind("dynamic")):
                return None
            return self._in_blocks(steps[at + 2 :], blocks[index])
        return ()

    def is_constant(self, path: str) -> bool:
        found = self._node(path)
        return isinstance(found, tuple) and _is_literal(found[0])

    def is_conditional(self, path: str) -> bool:
        found = self._node(path)
        return isinstance(found, tuple) and isinstance(found[0], Conditional)

    def is_unknown(self, path: str) -> bool:
        return isinstance(self.get(path), Unknown)

    def _value(self, steps: tuple[Step, ...], env: Env) -> Value:
        found = self._walk(steps, env)
        if isinstance(found, Unknown | Absent):
            return found
        node, inner, rest = found
        return dig(evaluate(node, inner), rest)

    def _node(self, path: str) -> tuple[Node, Env] | Unknown | None:
        """The expression at a path, and where it stands; ``None`` where nothing is written."""
        if self.overridden:
            return _OVERRIDDEN
        found = self._walk(parse_path(path), Env(self._hcl))
        if isinstance(found, Unknown):
            return found
        if isinstance(found, Absent):
            return None
        node, env, rest = found
        for step in rest:
            if isinstance(node, ObjectNode):
                named = [item for key, item in node.items if isinstance(key, Literal) and key.value == step]
                node = named[0] if named else node
            elif isinstance(node, TupleNode) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
        return node, env

    def _walk(self, steps: tuple[Step, ...], env: Env) -> tuple[Node, Env, tuple[Step, ...]] | Unknown | Absent:
        """The expression where blocks end, where it stands, and the steps left inside its value."""
        place: Place = (self.body, env)
        at = 0
        while at < len(steps):
            name = str(steps[at])
            body, here = place
            if (node := body.node(name)) is not None:
                return node, here, steps[at + 1 :]
            blocks = _nested(body, name, here)
            if isinstance(blocks, Unknown):
                return blocks
            index = steps[at + 1] if at + 1 < len(steps) else None
            if not isinstance(index, int) or index >= len(blocks):
                return ABSENT
            place, at = blocks[index], at + 2
        return ABSENT

    def _find(self, steps: tuple[Step, ...], env: Env) -> list[Place] | list[Any] | Unknown:
        """The nested blocks at a path such as ``a`` or ``a[0].b``."""
        body = self.body
        for at in range(0, len(steps), 2):
            name = str(steps[at])
            if (node := body.node(name)) is not None:
                value = dig(evaluate(node, env), steps[at + 1 :])
                if isinstance(value, Unknown):
                    return value
                return value.value if not isinstance(value, Absent) and isinstance(value.value, list) else []
            found = _nested(body, name, env)
            if isinstance(found, Unknown) or at + 1 >= len(steps):
                return found
            index = steps[at + 1]
            if not isinstance(index, int) or index >= len(found):
                return []
            body, env = found[index]
        return []


_ITERATED = "(iterated)"
"""The name under which an environment keeps what the iterators of ``dynamic`` blocks refer to."""


def _nested(body: Body, name: str, env: Env) -> list[Place] | Unknown:
    """The nested blocks of a name, the ones that ``dynamic`` makes included."""
    places: list[Place] = [(block.body, env) for block in body.of_kind(name)]
    for block in body.of_kind("dynamic"):
        if block.labels[:1] != (name,):
            continue
        made = _made(block, env)
        if isinstance(made, Unknown):
            return made
        places += made
    return places


def _made(dynamic: Block, env: Env) -> list[Place] | Unknown:
    contents = dynamic.body.of_kind("content")
    over, iterator = dynamic.body.node("for_each"), dynamic.body.node("iterator")
    if over is None or len(contents) != 1:
        return _DYNAMIC
    name = references_name(iterator) or dynamic.labels[0]
    collection = evaluate(over, env.deeper())
    if not isinstance(collection, dict | list):
        return _DYNAMIC
    pairs = sorted(collection.items()) if isinstance(collection, dict) else [(item, item) for item in collection]
    if isinstance(collection, list) and not isinstance(over, TupleNode):
        pairs = [(Unknown("the key of a list or set"), item) for item in collection]
    iterated = {**env.bound.get(_ITERATED, {}), name: references(over)}
    return [
        (contents[0].body, env.deeper(**{name: {"key": key, "value": value}, _ITERATED: iterated}))
        for key, value in pairs
    ]


def _named_blocks(body: Body, name: str) -> list[Body]:
    dynamic = [block.body for block in body.of_kind("dynamic") if block.labels[:1] == (name,)]
    return [block.body for block in body.of_kind(name)] + dynamic


def body_references(body: Body) -> tuple[str, ...]:
    """The traversals in a body and the blocks nested in it."""
    found = [text for attribute in body.attributes.values() for text in references(attribute.value)]
    found += [text for block in body.blocks for text in body_references(block.body)]
    return tuple(dict.fromkeys(found))


def references_name(node: Node | None) -> str:
    return getattr(node, "name", "") if node is not None else ""


def _uses(node: Node, name: str) -> bool:
    return getattr(node, "name", None) == name or any(_uses(child, name) for child, _ in children(node))


def _is_open(value: Value) -> bool:
    return isinstance(value, Unknown) or (not isinstance(value, Absent) and holds_unknown(value.value))


def _is_literal(node: Node) -> bool:
    if isinstance(node, TupleNode):
        return all(map(_is_literal, node.items))
    if isinstance(node, ObjectNode):
        return all(_is_literal(part) for item in node.items for part in item)
    return isinstance(node, Literal)
