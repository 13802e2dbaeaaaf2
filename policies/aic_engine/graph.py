"""The typed resource graph that rules read: resources, their attributes, and who refers to whom.

Both front ends (HCL and plan) fill the same :class:`Scope` tree; references are resolved here, once, through locals,
module calls and outputs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from aic_engine.traversals import ANY, Traversal, iterated, longest, takes_own_key, uses
from aic_engine.values import Unknown, Value

Found = TypeVar("Found")
InstanceKey = str | int | None
_DEEPEST = 20
"""Names behind a reference that are still followed: a local that refers to itself would add names for ever."""


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
    expands = False
    """True where each instance of a block is a resource of its own."""

    @property
    def exists(self) -> bool | Unknown:
        """False for ``count = 0``; unknown where count or for_each cannot be read."""
        return True

    @property
    def iteration(self) -> tuple[str, ...]:
        """Traversals in ``for_each``: what ``each.value`` may refer to."""
        return ()

    @property
    def repetition(self) -> str:
        """What makes several instances of one block, as text; empty where the resource is a single instance."""
        return ""

    @abstractmethod
    def get(self, path: str) -> Value:
        """The attribute at ``path`` (``ttl[0].enabled``)."""

    def planned(self, path: str) -> Value:
        """The value without a look behind what is not known."""
        return self.get(path)

    @abstractmethod
    def blocks(self, name: str) -> int | Unknown:
        """How many nested blocks called ``name`` the resource has; ``a[0].b`` for the ones nested deeper."""

    @abstractmethod
    def expression(self, path: str) -> tuple[str, ...] | None:
        """Traversals in the expression at ``path``; ``None`` where the expression itself cannot be read."""

    @abstractmethod
    def is_constant(self, path: str) -> bool:
        """True where the configuration holds a literal at ``path``."""

    def is_conditional(self, path: str) -> bool:
        """True where a condition chooses the value at ``path``, as far as the HCL is at hand."""
        return False

    def is_sensitive(self, path: str) -> bool:
        """True where the value must not be shown."""
        return False


@dataclass(eq=False)
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
    repetition: str = ""
    """What makes several instances of the module call, as text; on a plan each instance is a scope of its own."""
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

    def takes(self, *names: str) -> bool:
        """True where it takes one of these attributes, or the resource as a whole; objects on the way may add names."""
        return self.attribute.rpartition(".")[2] in (*names, "")


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

    def __init__(self, roots: Iterable[Scope], limits: Mapping[str, float] | None = None) -> None:
        self.limits: Mapping[str, float] = limits or {}
        self.roots = tuple(roots)
        self.memo: dict[Any, Any] = {}
        """What rules have found out of this graph, for other rules."""
        self._scopes: dict[str, list[Scope]] = {}
        for root in self.roots:
            for scope in root.walk():
                self._scopes.setdefault(scope.address, []).append(scope)
        self.resources = tuple(
            resource
            for root in self.roots
            for scope in root.walk()
            for instances in scope.resources.values()
            for resource in instances
        )

        self._by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self._by_type.setdefault(resource.type, []).append(resource)
        self._beside: dict[tuple[int, tuple[str, ...]], tuple[Resource, ...]] = {}

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        return tuple(resource for type_ in types for resource in self._by_type.get(type_, ()))

    def root_of(self, resource: Resource) -> Scope:
        scope = resource.scope
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def beside(self, resource: Resource, *types: str) -> tuple[Resource, ...]:
        """Resources of ``types`` in the same root: what is deployed together with ``resource``."""
        root = self.root_of(resource)
        key = (id(root), types)
        if key not in self._beside:
            self._beside[key] = tuple(other for other in self.of_type(*types) if self.root_of(other) is root)
        return self._beside[key]

    def references(self, resource: Resource, path: str) -> Resolution:
        """Resources that the expression at ``path`` refers to, followed through locals, module calls and outputs."""
        traversals = resource.expression(path)
        if traversals is None:
            return Resolution(unresolved=(f"{resource.address}.{path}",))
        resolver = _Resolver(resource.key)
        resolver.follow(traversals, resource.scope, own_key=takes_own_key(traversals))
        chained = len(longest(resource.iteration)) == 1 and uses(traversals, "each.value")
        resolver.follow(iterated(traversals, resource.iteration), resource.scope, own_key=chained)
        return resolver.result()

    def sources(self, resource: Resource, path: str) -> tuple[Reference, ...] | None:
        """The references that the value at ``path``, which is not known, may be; ``None`` where that cannot be told.

        HCL tells the one that it is, unless an expression computes it. A plan lists all that the expression uses.
        """
        value = resource.get(path)
        if resource.expands:
            resolution = self.references(resource, path)
        elif isinstance(value, Unknown) and value.origin is not None:
            scope, traversal = value.origin
            resolution = self.resolve((traversal,), scope)
            if Traversal.parse(traversal).parts[1].index != ANY and any(
                r.resource.repetition for r in resolution.found
            ):
                return None  # one fixed instance, the same for every instance that refers to it
        else:
            return None
        return None if resolution.unresolved else resolution.found

    def once(self, key: tuple[Any, ...], make: Callable[[], Found]) -> Found:
        """What ``make`` gives, made once for each key; keys name what asks, and resources by ``id``."""
        if key not in self.memo:
            self.memo[key] = make()
        found: Found = self.memo[key]
        return found

    def target(self, value: Value) -> Reference | None:
        """The one attribute of one resource that an unknown value is for certain."""
        if not isinstance(value, Unknown) or value.origin is None:
            return None
        scope, text = value.origin
        traversal = Traversal.parse(text)
        if len(traversal.parts) < 2:
            return None
        # A plan's values may come from its HCL, whose scopes are not those of the plan.
        own = scope if scope.address not in self._scopes or scope in self._scopes[scope.address] else None
        scopes = [own] if own is not None else self._scopes[scope.address]
        block = traversal.parts[1]
        found = [
            resource
            for each in scopes
            for resource in each.resources.get(f"{traversal.parts[0].name}.{block.name}", [])
            if block.index is None or resource.key in (block.index, None)
        ]
        return Reference(found[0], ".".join(traversal.names[2:])) if len(found) == 1 else None

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
        self._seen: set[tuple[str, int, tuple[str, ...]]] = set()

    def result(self) -> Resolution:
        return Resolution(tuple(self._found.values()), tuple(self._unresolved), tuple(self._variables))

    def follow(
        self, traversals: tuple[str, ...], scope: Scope, *, own_key: bool = False, tail: tuple[str, ...] = ()
    ) -> None:
        """Follow what stands in ``scope``; ``tail`` is what is taken of it where it is a resource as a whole."""
        for text in longest(traversals):
            if (text, id(scope), tail) not in self._seen and len(tail) < _DEEPEST:
                self._seen.add((text, id(scope), tail))
                self._follow_one(Traversal.parse(text), scope, own_key, tail)

    def _follow_one(self, traversal: Traversal, scope: Scope, own_key: bool, tail: tuple[str, ...]) -> None:
        names = traversal.names
        if len(names) < 2 or names[0] in ("each", "count", "path", "terraform", "self"):
            return
        if names[0] == "var":
            self._follow_variable(names[1], scope, names[2:] + tail)
        elif names[0] == "local":
            if scope.locals is None or names[1] not in scope.locals:
                self._unresolved[f"{scope.address}.{traversal.text}".lstrip(".")] = None
            else:
                self.follow(scope.locals[names[1]], scope, tail=names[2:] + tail)
        elif names[0] == "module":
            self._follow_output(traversal, scope, names[3:] + tail)
        elif names[0] == "data":
            self._unresolved[traversal.text] = None
        else:
            self._follow_resource(traversal, scope, own_key, tail)

    def _follow_variable(self, name: str, scope: Scope, tail: tuple[str, ...]) -> None:
        passed = scope.arguments.get(name, ())
        if scope.parent is not None and passed:
            self.follow(passed, scope.parent, tail=tail)
        else:
            self._variables[f"{scope.address}.var.{name}".lstrip(".")] = None

    def _follow_output(self, traversal: Traversal, scope: Scope, tail: tuple[str, ...]) -> None:
        call = traversal.parts[1]
        if call.name not in scope.children:
            self._unresolved[traversal.text] = None
            return
        for child in scope.children[call.name]:
            if call.index not in (None, ANY, child.key) and child.key is not None:
                continue
            wanted = [traversal.names[2]] if len(traversal.names) > 2 else list(child.outputs)
            for output in wanted:
                if output in child.outputs:
                    self.follow(child.outputs[output], child, tail=tail)
                else:
                    self._unresolved[traversal.text] = None

    def _follow_resource(self, traversal: Traversal, scope: Scope, own_key: bool, tail: tuple[str, ...]) -> None:
        type_, block = traversal.parts[0].name, traversal.parts[1]
        instances = scope.resources.get(f"{type_}.{block.name}", [])
        keys = {instance.key for instance in instances}
        for instance in instances:
            if block.index not in (None, ANY):
                if instance.key not in (block.index, None):
                    continue
            elif own_key and self._key in keys and instance.key != self._key:
                continue
            attribute = ".".join(traversal.names[2:] or tail)
            self._found[(id(instance), attribute)] = Reference(instance, attribute)
