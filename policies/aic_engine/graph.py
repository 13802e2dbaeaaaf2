"""The typed resource graph that rules read: resources, their attributes, and who refers to whom.

Both front ends (HCL and plan) fill the same :class:`Scope` tree; references are resolved here, once, through locals,
module calls and outputs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from aic_engine.traversals import ANY, Traversal
from aic_engine.values import Unknown, Value

InstanceKey = str | int | None


class Resource(ABC):
    """One resource: an instance on a plan, a block in HCL."""

    def __init__(self, type_: str, name: str, scope: Scope, key: InstanceKey = None) -> None:
        self.type = type_
        self.name = name
        self.scope = scope
        self.key = key
        suffix = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
        self.block_address = f"{type_}.{name}"
        self.address = ".".join(filter(None, (scope.address, f"{self.block_address}{suffix}")))

    file: str | None = None
    line: int | None = None

    @property
    def exists(self) -> bool | Unknown:
        """False for ``count = 0``; unknown where count or for_each cannot be read."""
        return True

    @property
    def iteration(self) -> tuple[str, ...]:
        """Traversals in ``for_each``: what ``each.value`` may refer to."""
        return ()

    @abstractmethod
    def get(self, path: str) -> Value:
        """The attribute at ``path`` (``ttl[0].enabled``)."""

    @abstractmethod
    def blocks(self, name: str) -> int | Unknown:
        """How many nested blocks called ``name`` the resource has."""

    @abstractmethod
    def expression(self, path: str) -> tuple[str, ...] | None:
        """Traversals in the expression at ``path``; ``None`` where the expression itself cannot be read."""

    @abstractmethod
    def is_constant(self, path: str) -> bool:
        """True where the configuration holds a literal at ``path``."""

    def is_sensitive(self, path: str) -> bool:
        """True where the value must not be shown."""
        return False


@dataclass
class Scope:
    """One module instance: where its variables, locals, outputs and resources come from."""

    address: str = ""
    parent: Scope | None = None
    arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locals: Mapping[str, tuple[str, ...]] | None = field(default_factory=dict)
    """``None``: the source of this module was not at hand, so its locals cannot be resolved."""
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    children: dict[str, list[Scope]] = field(default_factory=dict)
    resources: dict[str, list[Resource]] = field(default_factory=dict)
    key: InstanceKey = None
    folder: Path | None = None
    """Where the module's sources lie, if they are at hand."""

    def walk(self) -> Iterator[Scope]:
        yield self
        for scopes in self.children.values():
            for scope in scopes:
                yield from scope.walk()


class Reference(NamedTuple):
    """A resource that an expression refers to, and the attribute it takes of it (empty: the resource as a whole)."""

    resource: Resource
    attribute: str


@dataclass(frozen=True)
class Resolution:
    """What an expression refers to; ``unresolved`` holds what could not be followed, ``variables`` inputs: of the
    root, and of modules where the call passes a constant or nothing."""

    found: tuple[Reference, ...] = ()
    unresolved: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def to(self, resource: Resource) -> bool:
        return any(reference.resource is resource for reference in self.found)


class Graph:
    """All resources of one root (plan) or one scan (HCL)."""

    def __init__(self, roots: Iterable[Scope]) -> None:
        self.roots = tuple(roots)
        self.resources = tuple(
            resource
            for root in self.roots
            for scope in root.walk()
            for instances in scope.resources.values()
            for resource in instances
        )

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        return tuple(resource for resource in self.resources if resource.type in types)

    def root_of(self, resource: Resource) -> Scope:
        scope = resource.scope
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def beside(self, resource: Resource, *types: str) -> tuple[Resource, ...]:
        """Resources of ``types`` in the same root: what is deployed together with ``resource``."""
        root = self.root_of(resource)
        return tuple(other for other in self.of_type(*types) if self.root_of(other) is root)

    def references(self, resource: Resource, path: str) -> Resolution:
        """Resources that the expression at ``path`` refers to, followed through locals, module calls and outputs."""
        traversals = resource.expression(path)
        if traversals is None:
            return Resolution(unresolved=(f"{resource.address}.{path}",))
        resolver = _Resolver(resource.key)
        resolver.follow(with_iteration(traversals, resource.iteration), resource.scope)
        return resolver.result()

    def resolve(self, traversals: Iterable[str], scope: Scope) -> Resolution:
        """As :meth:`references`, for an expression that stands in ``scope``."""
        resolver = _Resolver(None)
        resolver.follow(tuple(traversals), scope)
        return resolver.result()


class _Resolver:
    def __init__(self, key: InstanceKey) -> None:
        self._key = key
        self._found: dict[tuple[int, str], Reference] = {}
        self._unresolved: dict[str, None] = {}
        self._variables: dict[str, None] = {}
        self._seen: set[tuple[str, int]] = set()

    def result(self) -> Resolution:
        return Resolution(tuple(self._found.values()), tuple(self._unresolved), tuple(self._variables))

    def follow(self, traversals: tuple[str, ...], scope: Scope, *, own_key: bool = True) -> None:
        iterates = own_key and any(text.startswith(("each.", "count.")) for text in traversals)
        for text in _longest(traversals):
            if (text, id(scope)) not in self._seen:
                self._seen.add((text, id(scope)))
                self._follow_one(Traversal.parse(text), scope, iterates=iterates)

    def _follow_one(self, traversal: Traversal, scope: Scope, *, iterates: bool) -> None:
        names = traversal.names
        if len(names) < 2 or names[0] in ("each", "count", "path", "terraform", "self"):
            return
        if names[0] == "var":
            self._follow_variable(names[1], scope)
        elif names[0] == "local":
            if scope.locals is None or names[1] not in scope.locals:
                self._unresolved[f"{scope.address}.{traversal.text}".lstrip(".")] = None
            else:
                self.follow(scope.locals[names[1]], scope, own_key=False)
        elif names[0] == "module":
            self._follow_output(traversal, scope)
        elif names[0] == "data":
            self._unresolved[traversal.text] = None
        else:
            self._follow_resource(traversal, scope, iterates=iterates)

    def _follow_variable(self, name: str, scope: Scope) -> None:
        passed = scope.arguments.get(name, ())
        if scope.parent is not None and passed:
            self.follow(passed, scope.parent, own_key=False)
        else:
            self._variables[f"{scope.address}.var.{name}".lstrip(".")] = None

    def _follow_output(self, traversal: Traversal, scope: Scope) -> None:
        call = traversal.parts[1]
        if call.name not in scope.children:
            self._unresolved[traversal.text] = None
            return
        for child in scope.children[call.name]:
            if call.index not in (None, ANY, child.key):
                continue
            wanted = [traversal.names[2]] if len(traversal.names) > 2 else list(child.outputs)
            for output in wanted:
                if output in child.outputs:
                    self.follow(child.outputs[output], child, own_key=False)
                else:
                    self._unresolved[traversal.text] = None

    def _follow_resource(self, traversal: Traversal, scope: Scope, *, iterates: bool) -> None:
        type_, block = traversal.parts[0].name, traversal.parts[1]
        instances = scope.resources.get(f"{type_}.{block.name}", [])
        keys = {instance.key for instance in instances}
        for instance in instances:
            if block.index not in (None, ANY):
                if instance.key not in (block.index, None):
                    continue
            elif iterates and self._key in keys and instance.key != self._key:
                continue
            attribute = ".".join(traversal.names[2:])
            self._found[(id(instance), attribute)] = Reference(instance, attribute)


def with_iteration(traversals: tuple[str, ...], iteration: tuple[str, ...]) -> tuple[str, ...]:
    """``each.value`` stands for an element of ``for_each``, so it refers to what that expression refers to."""
    return traversals + iteration if any(text.startswith("each.") for text in traversals) else traversals


def _longest(traversals: tuple[str, ...]) -> tuple[str, ...]:
    """Plan JSON lists ``a.b.c`` and its prefix ``a.b``: the prefix says nothing more."""
    return tuple(
        text
        for text in traversals
        if not any(other != text and other.startswith((f"{text}.", f"{text}[")) for other in traversals)
    )
