"""Weakens the text of Terraform files, one place at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aic_engine.checkov_graph import HclParser, root_scope
from aic_engine.graph import Graph, Resource
from aic_engine.hcl_nodes import Body
from aic_engine.hcl_parser import parse_body
from aic_engine.hcl_resource import HclResource
from aic_engine.iam import read_json
from aic_engine.values import GAP, Absent, Unknown
from aic_engine.weakening import Operator, Weakening
from companion_gate.errors import GateError
from companion_gate.hcl.rewrite import add_block, remove_attribute, remove_block, set_attribute
from companion_gate.mutation.places import applies_to, places

_PARSER = HclParser()
_MARK = '"\N{SECTION SIGN}"'


@dataclass
class Mutant:
    """The files of a root that are changed, and where."""

    place: str
    texts: dict[Path, str] = field(default_factory=dict)


def read(root: Path, texts: dict[Path, str] | None = None) -> Graph:
    """The graph of a root module's HCL, with other texts in place of some files."""
    bodies = {file: parse_body(text) for file, text in (texts or {}).items()}

    def parse(file: Path) -> Body:
        return bodies[file] if file in bodies else _PARSER(file)

    return Graph([root_scope(root, {}, parse)])


def mutants(weakening: Weakening, graph: Graph) -> list[Mutant]:
    made: list[Mutant] = []
    everywhere = Mutant("everywhere")
    for resource in graph.of_type(weakening.type):
        if isinstance(resource, HclResource) and resource.exists is not False and applies_to(weakening, resource):
            file = Path(str(resource.file))
            before = everywhere.texts.get(file) if weakening.everywhere else None
            text = before or file.read_text(encoding="utf-8")
            for path, changed in _changed(weakening, resource, text):
                if weakening.everywhere:
                    everywhere.texts[file] = changed
                else:
                    made.append(Mutant(f"{resource.address} {path}", {file: changed}))
    return [everywhere] if everywhere.texts else made


def _changed(weakening: Weakening, resource: HclResource, text: str) -> Iterator[tuple[str, str]]:
    block = ("resource", resource.type, resource.name)
    if weakening.operator is Operator.DELETE:
        yield "", remove_block(text, block)
        return
    for path in places(weakening.path, lambda name: _count(resource, name), resource):
        try:
            if weakening.operator is Operator.SET:
                yield path, _with(text, block, path, json.dumps(weakening.value), resource)
            elif weakening.operator is Operator.DROP:
                yield path, _without(text, block, path)
            elif weakening.operator is Operator.SWAP:
                one, other = (expression(text, block, each) for each in (path, weakening.other))
                yield path, set_attribute(set_attribute(text, block, path, other), block, weakening.other, one)
            elif weakening.edit is not None:
                document = read_json(resource.get(path))
                edited = weakening.edit(document) if isinstance(document, dict | list) else None
                if edited is not None and edited != document:
                    yield path, set_attribute(text, block, path, f"jsonencode({written(edited)})")
        except GateError:
            continue  # it is not written there as such: a dynamic block, or a value that comes from elsewhere


def _with(text: str, block: tuple[str, ...], path: str, value: str, resource: Resource) -> str:
    if isinstance(resource.get(path), Absent) and "." not in path and "[" not in path:
        return add_block(text, block, f"{path} = {value}")
    return set_attribute(text, block, path, value)


def _without(text: str, block: tuple[str, ...], path: str) -> str:
    try:
        return remove_attribute(text, block, path)
    except GateError:
        return remove_block(text, block, path)


def expression(text: str, block: tuple[str, ...], path: str) -> str:
    """The text of an argument's value."""
    marked = set_attribute(text, block, path, _MARK)
    start = marked.index(_MARK)
    return text[start : start + len(text) - len(marked) + len(_MARK)]


def _count(resource: Resource, name: str) -> int:
    count = resource.blocks(name)
    return count if isinstance(count, int) else 0


def written(data: Any) -> str:
    """Data as HCL, with a reference in place of what is one. Raises GateError for what is known to nobody."""
    if isinstance(data, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {written(item)}" for name, item in data.items()) + " }"
    if isinstance(data, list):
        return "[" + ", ".join(map(written, data)) + "]"
    if not isinstance(data, Unknown):
        return json.dumps(data)
    if data.text is not None:
        parts = data.text.split(GAP)
        gaps = [f"${{{_reference(gap)}}}" for gap in data.gaps]
        return '"' + "".join(part + gap for part, gap in zip(parts, [*gaps, ""], strict=True)) + '"'
    return _reference(data)


def _reference(value: Unknown) -> str:
    if value.origin is None:
        raise GateError("what it refers to is not known")
    return str(value.origin[1])
