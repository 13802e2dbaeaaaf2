"""Settings that no input reaches, because they are literals in the body of the resource."""

from __future__ import annotations

from collections.abc import Mapping

from companion_gate.hcl.documents import read_module

from .roots import MODULES


def assert_literals(folder: str, type_: str, name: str, expected: Mapping[str, str]) -> None:
    """``expected`` gives HCL texts by path, such as ``{"ttl.enabled": "true"}``; a repeated block must agree."""
    (resource,) = read_module(MODULES / folder).blocks("resource", type_, name)
    found = {}
    for path in expected:
        *steps, last = path.split(".")
        blocks = [resource]
        for step in steps:
            blocks = [inner for block in blocks for inner in block.blocks if inner.kind == step]
        attributes = [block.attribute(last) for block in blocks]
        texts = {attribute.value.text if attribute else None for attribute in attributes}
        found[path] = texts.pop() if len(texts) == 1 else texts
    assert found == dict(expected)
