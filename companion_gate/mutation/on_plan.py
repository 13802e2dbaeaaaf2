"""Weakens the resources of a plan in memory, one at a time, and puts them right again."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import read_json
from aic_engine.plan_graph import PlanResource
from aic_engine.values import Absent, Known, Unknown, entry, parse_path
from aic_engine.weakening import Operator, Weakening
from companion_gate.mutation.places import applies_to, places

_GONE = object()


@dataclass(frozen=True)
class Swapped:
    """The value of another argument, which takes this one's."""

    path: str


Change = tuple[PlanResource, str, Any]


def sites(weakening: Weakening, graph: Graph) -> list[list[Change]]:
    """What each mutant changes: resource, path and new value (``_GONE``: not written any more)."""
    found = [
        (resource, path, value)
        for resource in graph.of_type(weakening.type)
        if isinstance(resource, PlanResource) and applies_to(weakening, resource)
        for path, value in _changes(weakening, resource)
    ]
    if weakening.everywhere:
        return [found] if found else []
    return [[each] for each in found]


def _changes(weakening: Weakening, resource: PlanResource) -> Iterator[tuple[str, Any]]:
    if weakening.operator is Operator.DELETE:
        yield "", _GONE
        return
    for path in places(weakening.path, lambda name: _count(resource, name), resource):
        value = resource.get(path)
        if weakening.operator is Operator.SWAP:
            yield path, Swapped(weakening.other)
        elif weakening.operator is Operator.SET:
            if value != Known(weakening.value) and _has_parent(resource, path):
                yield path, weakening.value
        elif weakening.operator is Operator.DROP:
            if not isinstance(value, Absent):
                yield path, _GONE
        elif weakening.edit is not None:
            document = read_json(value)
            changed = weakening.edit(document) if isinstance(document, dict | list) else None
            if changed is not None and changed != document:
                yield path, Unknown("weakened", document=changed)


def _count(resource: Resource, name: str) -> int:
    count = resource.blocks(name)
    return count if isinstance(count, int) else 0


def _has_parent(resource: Resource, path: str) -> bool:
    parent = path.rpartition(".")[0]
    return not parent or isinstance(resource.get(parent), Known)


@contextmanager
def weakened(changes: list[Change], graph: Graph) -> Iterator[Graph]:
    """A graph in which the changes hold, as long as the context lasts."""
    kept = [(resource, resource._after, resource._unknown, resource._expressions) for resource, _, _ in changes]
    removed: list[tuple[list[Resource], int, Resource]] = []
    for resource, path, value in changes:
        if not path:
            instances = resource.scope.resources[resource.block_address]
            removed.append((instances, instances.index(resource), resource))
            instances.remove(resource)
        else:
            if isinstance(value, Swapped):
                one, other = (resource.get(each) for each in (path, value.path))
                _change(resource, value.path, getattr(one, "value", None))
                value = getattr(other, "value", None)
            _change(resource, path, value)
            if path.startswith("tags"):
                # The provider merges tags into tags_all.
                _change(resource, path.replace("tags", "tags_all", 1), value)
    try:
        yield Graph(graph.roots, graph.limits)
    finally:
        for instances, at, gone in reversed(removed):
            instances.insert(at, gone)
        for resource, after, unknown, expressions in kept:
            resource._after, resource._unknown, resource._expressions = after, unknown, expressions


def _change(resource: PlanResource, path: str, value: Any) -> None:
    steps = parse_path(path)
    trees = {name: _deep(getattr(resource, name)) for name in ("_after", "_unknown", "_expressions")}
    after: Any = trees["_after"]
    for at, step in enumerate(steps[:-1]):
        entered = _enter(after, step)
        if isinstance(entered, Unknown):
            # What the HCL behind the plan tells stands there, so that a part of it can be changed.
            here = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps[: at + 1]).lstrip(".")
            known = resource.get(here)
            entered = after[step] = _deep(known.value) if isinstance(known, Known) else known
        after = entered
    if isinstance(value, Unknown) and value.document is not None and not _holds_unknown(value.document):
        value = json.dumps(value.document)
    last = steps[-1]
    if value is _GONE:
        del after[last]
    else:
        after[last] = value
    for name in ("_unknown", "_expressions"):
        _forget(trees[name], steps)
    if len(steps) == 1 and value is not _GONE and not isinstance(value, Unknown):
        trees["_expressions"][last] = {"constant_value": value}
    for name, tree in trees.items():
        setattr(resource, name, tree)


def _forget(tree: Any, steps: tuple[str | int, ...]) -> None:
    """No mark, and no expression, stands for the place any more, nor for what it was a part of."""
    for at, step in enumerate(steps):
        inner = entry(tree, step, None)
        if at == len(steps) - 1 or not isinstance(inner, dict | list) or "references" in inner:
            if isinstance(tree, dict):
                tree.pop(step, None)
            elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
                del tree[step]
            return
        tree = inner


def _enter(tree: Any, step: str | int) -> Any:
    return tree if isinstance(tree, dict) and step == 0 else tree[step]


def _holds_unknown(tree: Any) -> bool:
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return isinstance(tree, Unknown) or any(map(_holds_unknown, parts))


def _deep(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _deep(item) for name, item in tree.items()}
    return [_deep(item) for item in tree] if isinstance(tree, list) else copy.copy(tree)
