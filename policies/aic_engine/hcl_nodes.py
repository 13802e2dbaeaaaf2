"""The syntax tree of HCL: bodies with blocks and attributes, and the expressions in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Literal:
    """A number, a boolean, null, or text without templates."""

    value: Any


@dataclass(slots=True)
class Template:
    """Text with ``${…}`` in it. ``directives`` holds what ``%{…}`` uses; such a text is not evaluated."""

    parts: tuple[Node, ...]
    directives: bool = False


@dataclass(slots=True)
class Name:
    """What a traversal begins with: ``var``, ``aws_sqs_queue``, or the variable of a ``for``."""

    name: str


@dataclass(slots=True)
class Attr:
    base: Node
    name: str


@dataclass(slots=True)
class Index:
    base: Node
    key: Node


@dataclass(slots=True)
class Splat:
    """``base[*]`` or ``base.*``; ``rest`` is what is taken of each element, with ``Name("*")`` in its place."""

    base: Node
    rest: Node


@dataclass(slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]
    spread: bool = False


@dataclass(slots=True)
class ObjectNode:
    items: tuple[tuple[Node, Node], ...]


@dataclass(slots=True)
class TupleNode:
    items: tuple[Node, ...]


@dataclass(slots=True)
class For:
    """A ``for`` expression; ``key`` is set where it makes an object, ``group`` for ``…`` behind its value."""

    variables: tuple[str, ...]
    collection: Node
    key: Node | None
    value: Node
    condition: Node | None
    group: bool = False


@dataclass(slots=True)
class Conditional:
    condition: Node
    if_true: Node
    if_false: Node


@dataclass(slots=True)
class Operation:
    """One or two operands; ``operator`` is as it is written."""

    operator: str
    operands: tuple[Node, ...]


Node = Literal | Template | Name | Attr | Index | Splat | Call | ObjectNode | TupleNode | For | Conditional | Operation


@dataclass(slots=True)
class Attribute:
    name: str
    value: Node
    line: int


@dataclass(slots=True)
class Block:
    kind: str
    labels: tuple[str, ...]
    body: Body
    line: int


@dataclass(slots=True)
class Body:
    """What stands between the braces of a block, or in a file."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Block]:
        return [block for block in self.blocks if block.kind == kind]

    def node(self, name: str) -> Node | None:
        """The expression of an attribute, where it is written."""
        attribute = self.attributes.get(name)
        return attribute.value if attribute else None


_LOCAL_TO_TERRAFORM = ("path", "terraform", "count", "self")


def references(node: Node | None, bound: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The traversals in an expression, each once, in the order of the text.

    A literal index is part of a traversal (``aws_x.y["a"].arn``); ``each.key`` and ``count.index`` are too, and
    any other index is ``[*]``, with what it refers to as a traversal of its own. The variables of a ``for`` are none.
    """
    return tuple(dict.fromkeys(_references(node, bound))) if node is not None else ()


def written(node: Node) -> str | None:
    """A traversal as text; ``None`` where the expression is none."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Attr):
        base = written(node.base)
        return None if base is None else f"{base}.{node.name}"
    if isinstance(node, Index):
        base = written(node.base)
        return None if base is None else f"{base}[{_index(node.key)}]"
    if isinstance(node, Splat):
        base, rest = written(node.base), written(node.rest)
        return None if base is None or rest is None else f"{base}[*]{rest.removeprefix('*')}"
    return None


def root_of(node: Node) -> str | None:
    """The name that a traversal begins with."""
    while isinstance(node, Attr | Index | Splat):
        node = node.base
    return node.name if isinstance(node, Name) else None


def _index(key: Node) -> str:
    if isinstance(key, Literal):
        return f'"{key.value}"' if isinstance(key.value, str) else str(key.value)
    text = written(key)
    return text if text in ("each.key", "count.index", "each.value") else "*"


def _references(node: Node, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, Attr | Index | Splat):
        root = root_of(node)
        if root is not None:
            if root not in bound and root not in _LOCAL_TO_TERRAFORM and (text := written(node)) is not None:
                yield text
            yield from _indexes(node, bound)
            return
    for child, names in children(node, bound):
        yield from _references(child, names)


def _indexes(node: Node, bound: frozenset[str]) -> Iterator[str]:
    while isinstance(node, Attr | Index | Splat):
        if isinstance(node, Index):
            yield from _references(node.key, bound)
        if isinstance(node, Splat):
            yield from _indexes(node.rest, bound)
        node = node.base


def children(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[tuple[Node, frozenset[str]]]:
    """The expressions right below one, each with the names that ``for`` binds there."""
    found: tuple[Node | None, ...] = ()
    if isinstance(node, Template):
        found = node.parts
    elif isinstance(node, Attr):
        found = (node.base,)
    elif isinstance(node, Index):
        found = (node.base, node.key)
    elif isinstance(node, Splat):
        found = (node.base, node.rest)
    elif isinstance(node, Call):
        found = node.arguments
    elif isinstance(node, ObjectNode):
        found = tuple(part for item in node.items for part in item)
    elif isinstance(node, TupleNode):
        found = node.items
    elif isinstance(node, For):
        yield node.collection, bound
        inner = bound | set(node.variables)
        yield from ((part, inner) for part in (node.key, node.value, node.condition) if part is not None)
        return
    elif isinstance(node, Conditional):
        found = (node.condition, node.if_true, node.if_false)
    elif isinstance(node, Operation):
        found = node.operands
    yield from ((part, bound) for part in found if part is not None)
