"""Byte-exact changes of HCL text: splices at python-hcl2's positions, never its reconstruction.

python-hcl2 does not write back what it read (blanks and indentation change), so only the named place is replaced and
all other bytes stay. ``block`` is kind and labels, such as ``("resource", "aws_dynamodb_table", "memory")``; ``path``
is read as in a plan: ``point_in_time_recovery[0].enabled``. A ``dynamic`` block answers to the name it makes.
Every function raises GateError when its target is not there, fits several places, or would leave unreadable HCL.
"""

from __future__ import annotations

from companion_gate.errors import GateError
from companion_gate.hcl.paths import Node, body, find
from companion_gate.hcl.syntax import Attribute, Block, HclError, expression_tree, parse


def set_attribute(text: str, block: tuple[str, ...], path: str, expression: str) -> str:
    """Replaces the value of an attribute that is written, or of an element of an object or list literal."""
    node = _target(text, block, path)
    if isinstance(node, Block):
        raise GateError(f"{_named(block, path)} is a block, not an attribute; name an attribute in it")
    expression_tree(expression)
    value = node.value if isinstance(node, Attribute) else node
    return _checked(text[: value.start] + expression + text[value.end :], block, path)


def remove_attribute(text: str, block: tuple[str, ...], path: str) -> str:
    """Removes an attribute or an element of an object, and its line where nothing else stands on it."""
    node = _target(text, block, path)
    if not isinstance(node, Attribute):
        raise GateError(f"{_named(block, path)} is not an attribute; remove a block with remove_block")
    end = node.end
    comma = len(text) - len(text[end:].lstrip(" \t"))
    if text[comma : comma + 1] == ",":
        end = comma + 1
    return _checked(_without(text, node.start, end), block, path)


def remove_block(text: str, block: tuple[str, ...], path: str = "") -> str:
    """Removes a top-level block, or the block nested in it that ``path`` names, and its lines."""
    node = _target(text, block, path) if path else _only(text, block)
    if not isinstance(node, Block):
        raise GateError(f"{_named(block, path)} is an attribute, not a block; remove it with remove_attribute")
    return _checked(_without(text, node.start, node.end), block, path)


def add_block(text: str, block: tuple[str, ...], hcl: str) -> str:
    """Adds HCL (blocks or attributes, as written) at the end of a block; at the end of the text for ``()``."""
    newline = "\r\n" if "\r\n" in text else "\n"
    parse(hcl)
    added = hcl if hcl.endswith("\n") else hcl + newline
    if not block:
        separator = "" if not text or text.endswith("\n") else newline
        return _checked(text + separator + added, block, "")
    target = body(_only(text, block))
    if "\n" not in text[target.open : target.close]:
        inner = text[target.open + 1 : target.close].strip()
        added = newline + (inner + newline if inner else "") + added
        return _checked(text[: target.open + 1] + added + text[target.close :], block, "")
    line_start = text.rindex("\n", 0, target.close) + 1
    place = line_start if not text[line_start : target.close].strip() else target.close
    lead = "" if place == line_start else newline
    return _checked(text[:place] + lead + added + text[place:], block, "")


def _target(text: str, block: tuple[str, ...], path: str) -> Node:
    """The node a path leads to, in whichever of several blocks of that name (``locals``) holds it."""
    ways = [find(candidate, path, unique=True) for candidate in _all(text, block)]
    nodes = [way.node for way in ways if way.node is not None]
    if not nodes:
        raise GateError(f"{_named(block, path)} is not written in the HCL; name an attribute or block that is")
    if len(nodes) > 1:
        raise GateError(f"{_named(block, path)} fits {len(nodes)} blocks; leave one of them in the text")
    return nodes[0]


def _only(text: str, block: tuple[str, ...]) -> Block:
    blocks = _all(text, block)
    if len(blocks) > 1:
        raise GateError(f"{' '.join(block)} fits {len(blocks)} blocks; leave one of them in the text")
    return blocks[0]


def _all(text: str, block: tuple[str, ...]) -> list[Block]:
    blocks = [candidate for candidate in parse(text).blocks if candidate.key == block]
    if not blocks:
        raise GateError(f"{' '.join(block)} is not in the HCL; name a top-level block by its kind and labels")
    return blocks


def _without(text: str, start: int, end: int) -> str:
    """The text without a range, and without its line end and indentation when nothing else is on those lines."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end == -1 else line_end + 1
    if not text[line_start:start].strip() and not text[end:line_end].strip():
        start, end = line_start, line_end
    return text[:start] + text[end:]


def _checked(text: str, block: tuple[str, ...], path: str) -> str:
    try:
        parse(text)
    except HclError as error:
        raise GateError(f"the change of {_named(block, path)} leaves no valid HCL: {error}") from error
    return text


def _named(block: tuple[str, ...], path: str) -> str:
    return " ".join(part for part in (*block, path) if part) or "the text"
