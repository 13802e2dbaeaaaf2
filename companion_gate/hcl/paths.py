"""Attribute paths as plan JSON readers write them: ``domain_endpoint_options[0].enforce_https``, ``tags["Name"]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from companion_gate.errors import GateError
from companion_gate.hcl.syntax import Attribute, Block, Value

_STEP = re.compile(
    r"""
    \[(?P<index>\d+)\]   # [0]
    | \.(?P<dotted>\d+)(?=[.\[]|$)   # .0, Terraform's old way to write an index
    | (?:^|(?<=[\w\]-])\.)(?P<name>[A-Za-z_][\w-]*)   # enabled, .enabled
    | \["(?P<key>[^"]+)"\]   # ["Name"]
    """,
    re.VERBOSE,
)

Node = Block | Attribute | Value


@dataclass(frozen=True)
class Found:
    """Where a path leads: ``node`` is the target (None if it is not written), ``nearest`` the last node that is."""

    node: Node | None
    nearest: Node


def split(path: str) -> tuple[str | int, ...]:
    """Names and indexes of a path; ``a.0.b`` reads as ``a[0].b``. Raises GateError on anything else."""
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            break
        number = match["index"] or match["dotted"]
        steps.append(int(number) if number else match["name"] or match["key"])
        position = match.end()
    if position != len(path) or not steps:
        raise GateError(f"attribute path {path!r} cannot be read; write it like 'rule[0].enabled' or 'tags[\"Name\"]'")
    return tuple(steps)


def find(block: Block, path: str, *, unique: bool = False) -> Found:
    """Follows a path from a block through nested blocks, ``dynamic`` blocks, objects and lists.

    Blocks of one name are counted in the order of the file, which is the plan's order for list blocks; the plan sorts
    set blocks (``attribute`` of a DynamoDB table) by content, so among several of those the index is only a guess.
    """
    node: Node = block
    steps = split(path)
    position = 0
    while position < len(steps):
        name = steps[position]
        index = steps[position + 1] if position + 1 < len(steps) else None
        if unique and isinstance(node, Block) and not isinstance(index, int) and len(nested(node, str(name))) > 1:
            raise GateError(f"{path!r} fits several {name!r} blocks; name one by its number, as in '{name}[0]'")
        following, used = _step(node, name, index)
        if following is None:
            return Found(None, node)
        node, position = following, position + used
    return Found(node, node)


def nested(block: Block, name: str) -> tuple[Block, ...]:
    """The blocks that make nested blocks of that name, static and dynamic, in the order of the file."""
    return tuple(inner for inner in body(block).blocks if _makes(inner) == name)


def body(block: Block) -> Block:
    """Where a block's arguments stand: in itself, or in the ``content`` of a dynamic block."""
    if block.kind != "dynamic":
        return block
    return next((inner for inner in block.blocks if inner.kind == "content"), block)


def _makes(block: Block) -> str:
    return block.name if block.kind == "dynamic" else block.kind


def _step(node: Node, name: str | int, index: str | int | None) -> tuple[Node | None, int]:
    """The node one step further and how many path steps that took."""
    if isinstance(node, Block):
        attribute = next((item for item in body(node).attributes if item.name == name), None)
        if attribute is not None:
            return attribute, 1
        blocks = nested(node, str(name))
        position = index if isinstance(index, int) else 0
        return _nth(blocks, position), 2 if isinstance(index, int) else 1
    value = node.value if isinstance(node, Attribute) else node
    if isinstance(name, int):
        return (value.items[name] if name < len(value.items) else None), 1
    return next((member for member in value.members if member.name == name), None), 1


def _nth(blocks: tuple[Block, ...], position: int) -> Block | None:
    """A dynamic block stands for any number of blocks, so no later block can be told by its number."""
    for number, block in enumerate(blocks):
        if block.kind == "dynamic" or number == position:
            return block
    return None
