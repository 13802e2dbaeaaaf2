"""Rewrites the text of a root module into another form of the same stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from companion_gate.hcl.rewrite import add_block
from companion_gate.hcl.syntax import Block, parse

Texts = dict[Path, str]
_NOT_DYNAMIC = {"lifecycle", "timeouts", "provisioner", "connection"}


def counted(texts: Mapping[Path, str]) -> Texts:
    """Each resource has ``count = 1``, and is referred to by its index."""
    return _repeated(texts, "count = 1", "[0]")


def keyed(texts: Mapping[Path, str]) -> Texts:
    """Each resource has a ``for_each`` of one key, and is referred to by that key."""
    return _repeated(texts, 'for_each = toset(["this"])', '["this"]')


def dynamic(texts: Mapping[Path, str]) -> Texts:
    """Each nested block of a resource is made by a ``dynamic`` block over one element."""
    return {file: _per_block(text, _with_dynamic) for file, text in texts.items()}


def _repeated(texts: Mapping[Path, str], argument: str, index: str) -> Texts:
    changed = dict(texts)
    for file, text in texts.items():
        for block in parse(text, file).blocks:
            if block.kind != "resource" or block.attribute("for_each") or block.attribute("count"):
                continue
            changed[file] = add_block(changed[file], block.key, argument)
            reference = re.compile(rf"(?<![\w.\"]){block.type}\.{block.name}\b(?!\[)")
            changed = {each: reference.sub(lambda m: m.group(0) + index, known) for each, known in changed.items()}
    return changed


def _per_block(text: str, change: Callable[[str, Block], str]) -> str:
    for block in reversed(parse(text).blocks):
        if block.kind == "resource":
            text = text[: block.start] + change(text, block) + text[block.end :]
    return text


def _with_dynamic(text: str, block: Block) -> str:
    """The text of a block, its nested blocks made dynamic from the innermost outwards."""
    body = text[block.start : block.end]
    for inner in sorted(block.blocks, key=lambda each: -each.start):
        if inner.kind in _NOT_DYNAMIC or inner.kind == "dynamic":
            continue
        nested = _with_dynamic(text, inner)
        content = nested[nested.index("{") :]
        made = f'dynamic "{inner.kind}" {{\n for_each = [1]\n content {content}\n}}'
        body = body[: inner.start - block.start] + made + body[inner.end - block.start :]
    return body
