"""What the turn-handler's functions can ask of AWS, read from their code alone.

From each module's ``handler``, every function that is referred to counts as called. A module that names a FEATURE is
entered only in a deployment with that feature. What cannot be told for sure raises UnknownCallError: a call that this
file does not know must never look like no call.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

from .actions import (
    ACTIONS,
    ALLOWED_IN,
    FORBIDDEN_MODULES,
    IMPLIED,
    NUMBERS,
    SIGNED,
    SOCKET_OPTIONS,
    TRANSACTION,
    WAYS_OUT,
)

SOURCE = Path(__file__).resolve().parents[3] / "modules" / "turn-handler" / "src" / "companion"
ALL_FEATURES = frozenset({"bedrock", "sagemaker", "vectors", "domain", "serverless", "voice"})


class UnknownCallError(Exception):
    """Code that goes somewhere, and this file cannot tell where."""


@dataclass(frozen=True)
class Request:
    """A request to AWS: ``service`` and ``operation`` as botocore names them, or "opensearch", method and path."""

    service: str
    operation: str
    path: str = ""
    actions: tuple[str, ...] = ()


@dataclass
class Function:
    """What a function of the package refers to, asks for, and reads from its environment."""

    references: set[str] = field(default_factory=set)
    requests: set[Request] = field(default_factory=set)
    required: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Package:
    """The functions by ``module.name``, the features of modules, and the modules with a handler."""

    functions: dict[str, Function]
    features: dict[str, str]
    handlers: tuple[str, ...]


def shape(model: str, vectors: str | None = None, voice: bool = False) -> frozenset[str]:
    """The features of a deployment: model "bedrock" or "sagemaker", vectors "domain", "serverless" or None."""
    return frozenset({model, *(("vectors", vectors) if vectors else ()), *(("voice",) if voice else ())}) & ALL_FEATURES


def iam_actions(features: Set[str] = ALL_FEATURES, source: Path = SOURCE) -> dict[str, frozenset[str]]:
    """IAM actions by function of a deployment: what the code itself asks for."""
    return {name: frozenset(_actions(found, features)) for name, found in requests(features, source).items()}


def implied_actions(features: Set[str] = ALL_FEATURES, source: Path = SOURCE) -> dict[str, frozenset[str]]:
    """IAM actions by function that encrypted stores and guardrails need besides."""
    implied = {}
    for name, found in requests(features, source).items():
        kinds = {request.service for request in found}
        kinds |= {"guardrail" for request in found if "bedrock:ApplyGuardrail" in request.actions}
        implied[name] = frozenset(action for kind in kinds for action in IMPLIED.get(kind, ()))
    return implied


def requests(features: Set[str] = ALL_FEATURES, source: Path = SOURCE) -> dict[str, frozenset[Request]]:
    """Requests by function of a deployment."""
    return _by_handler(features, source, lambda function: function.requests)


def environment(features: Set[str] = ALL_FEATURES, source: Path = SOURCE) -> dict[str, frozenset[str]]:
    """Variables by function of a deployment without which it fails."""
    return _by_handler(features, source, lambda function: function.required)


def _by_handler(features: Set[str], source: Path, part: Callable[[Function], set[Any]]) -> dict[str, frozenset[Any]]:
    package = read(source)
    return {
        name: frozenset().union(*(part(package.functions[key]) for key in _reached(package, name, features)))
        for name in package.handlers
        if package.features.get(name, "") in {"", *features}
    }


def _actions(found: Set[Request], features: Set[str]) -> Iterator[str]:
    for request in found:
        yield from request.actions
        if request.service == "opensearch":
            if "domain" in features:
                yield f"es:ESHttp{request.operation.capitalize()}"
            if "serverless" in features:
                yield "aoss:APIAccessAll"


def _reached(package: Package, handler: str, features: Set[str]) -> set[str]:
    seen: set[str] = set()
    left = [f"{handler}.handler"]
    while left:
        key = left.pop()
        feature = package.features.get(key.partition(".")[0])
        if key in seen or (feature is not None and feature not in features):
            continue
        seen.add(key)
        left += package.functions[key].references
    return seen


@cache
def read(source: Path = SOURCE) -> Package:
    """The package below a folder. Raises UnknownCallError."""
    trees = {path.stem: _parsed(path.read_text(encoding="utf-8")) for path in sorted(source.glob("*.py"))}
    names = {module: _definitions(tree) for module, tree in trees.items()}
    services = _services(trees["clients"])
    functions: dict[str, Function] = {}
    for module, tree in trees.items():
        reader = _Reader(module, tree, names, services)
        for name, nodes in names[module].items():
            functions[f"{module}.{name}"] = reader.function(nodes)
        outside = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        if reader.function(outside).requests:
            raise UnknownCallError(f"{module}: a request when the module is imported")
    features = {module: value for module, tree in trees.items() if (value := _feature(tree)) is not None}
    unknown = set(features.values()) - ALL_FEATURES
    if unknown:
        raise UnknownCallError(f"unknown features: {sorted(unknown)}")
    return Package(functions, features, tuple(module for module in trees if "handler" in names[module]))


_parsed = cache(ast.parse)


def _definitions(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """Functions and classes of a module. A class that is referred to counts with everything in it."""
    return {node.name: [node] for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _feature(tree: ast.Module) -> str | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "FEATURE":
            return str(ast.literal_eval(node.value))
    return None


def _services(tree: ast.Module) -> dict[str, str]:
    """botocore's name of the service that each function of clients.py gives."""
    services = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            match node.body[-1]:
                case ast.Return(value=ast.Call(func=ast.Name(id="_client"), args=[ast.Constant(value=str(service))])):
                    services[node.name] = service
                case _:
                    raise UnknownCallError(f"clients.{node.name} does not return _client(…) of one service")
    return services


@cache
def _operations(service: str) -> dict[str, str]:
    """Operations of a service by the name of the client's method."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


class _Reader:
    """Reads the functions of one module."""

    def __init__(
        self, module: str, tree: ast.Module, names: dict[str, dict[str, list[ast.stmt]]], services: dict[str, str]
    ) -> None:
        self._module = module
        self._tree = tree
        self._names = names
        self._services = services
        self._modules: dict[str, str] = {}
        self._symbols: dict[str, str] = {name: f"{module}.{name}" for name in names[module]}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)

    def function(self, nodes: list[ast.stmt]) -> Function:
        """What these statements do."""
        function = Function()
        explained: set[int] = set()
        for node in (node for statement in nodes for node in ast.walk(statement)):
            if isinstance(node, ast.Call):
                self._call(node, function, explained)
            elif isinstance(node, ast.Attribute) and node.attr in NUMBERS:
                explained.add(id(node.value))
        for node in (node for statement in nodes for node in ast.walk(statement)):
            self._reference(node, function, explained)
        return function

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.ImportFrom) and node.module == "socket" and _names(node) <= SOCKET_OPTIONS:
            # Numbers: nothing leaves by them.
            return
        roots = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for root in roots:
            for forbidden in FORBIDDEN_MODULES:
                if root == forbidden or root.startswith((f"{forbidden}.", "companion.clients")):
                    raise UnknownCallError(f"{self._module}: imports {root}")
            if self._module not in ALLOWED_IN.get(root, (self._module,)):
                raise UnknownCallError(f"{self._module}: imports {root}, which only {ALLOWED_IN[root]} may")
        if isinstance(node, ast.ImportFrom) and node.module == "companion":
            self._modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("companion."):
            origin = str(node.module).removeprefix("companion.")
            known = {alias.name: alias.asname or alias.name for alias in node.names}
            self._symbols |= {used: f"{origin}.{name}" for name, used in known.items() if name in self._names[origin]}

    def _call(self, call: ast.Call, function: Function, explained: set[int]) -> None:
        match call.func:
            case ast.Attribute(
                value=ast.Call(func=ast.Attribute(value=ast.Name() as name, attr=maker)), attr=method
            ) if self._modules.get(name.id) == "clients":
                explained.add(id(name))
                function.requests.add(self._request(maker, method, call))
            case ast.Attribute(value=ast.Name() as name, attr="send") if self._modules.get(name.id) == "opensearch":
                explained.add(id(name))
                function.references.add("opensearch.send")
                function.requests.add(self._http(call))
            case ast.Attribute(value=ast.Name() as name) if self._modules.get(name.id) == "settings":
                self._setting(call, function)
            case ast.Name(id="SigV4QueryAuth"):
                service = call.args[1].value if isinstance(call.args[1], ast.Constant) else None
                if not isinstance(service, str) or service not in SIGNED:
                    raise UnknownCallError(f"{self._at(call)}: a signed address of {service!r}")
                function.requests.add(Request(service, "SignedAddress", actions=SIGNED[service]))
            case ast.Attribute(attr="create_client" | "client" | "resource" | "get_paginator" | "get_waiter"):
                if self._module != "clients":
                    raise UnknownCallError(f"{self._at(call)}: a client of its own")

    def _request(self, maker: str, method: str, call: ast.Call) -> Request:
        service = self._services.get(maker)
        operation = _operations(service).get(method) if service else None
        if service is None or operation is None or (service, operation) not in ACTIONS:
            raise UnknownCallError(f"{self._at(call)}: clients.{maker}().{method} is not in ACTIONS")
        actions = ACTIONS[service, operation]
        if operation == "ConverseStream":
            checked = any(keyword.arg == "guardrailConfig" for keyword in call.keywords)
            actions = ("bedrock:InvokeModelWithResponseStream", *(("bedrock:ApplyGuardrail",) if checked else ()))
        elif operation == "TransactWriteItems":
            keys = {
                key.value
                for node in ast.walk(self._tree)
                if isinstance(node, ast.Dict)
                for key in node.keys
                if isinstance(key, ast.Constant) and key.value in TRANSACTION
            }
            actions = tuple(sorted(TRANSACTION[key] for key in keys))
        if not actions:
            raise UnknownCallError(f"{self._at(call)}: {operation} without anything that it does")
        return Request(service, operation, actions=actions)

    def _http(self, call: ast.Call) -> Request:
        method, path = (call.args[0].value if isinstance(call.args[0], ast.Constant) else None), call.args[1]
        if not isinstance(method, str) or not isinstance(path, ast.Constant | ast.JoinedStr):
            raise UnknownCallError(f"{self._at(call)}: opensearch.send with a method or path that is not written there")
        parts = path.values if isinstance(path, ast.JoinedStr) else [path]
        literals = [part.value if isinstance(part, ast.Constant) else "*" for part in parts]
        text = "".join(literal for literal in literals if isinstance(literal, str))
        return Request("opensearch", method, text.partition("?")[0])

    def _setting(self, call: ast.Call, function: Function) -> None:
        assert isinstance(call.func, ast.Attribute)
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
            raise UnknownCallError(f"{self._at(call)}: a variable whose name is not written there")
        if call.func.attr != "optional":
            function.required.add(str(call.args[0].value))

    def _reference(self, node: ast.AST, function: Function, explained: set[int]) -> None:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self._modules:
            module = self._modules[node.value.id]
            if node.attr in self._names[module]:
                function.references.add(f"{module}.{node.attr}")
        if not isinstance(node, ast.Name):
            return
        if node.id in self._symbols:
            function.references.add(self._symbols[node.id])
        is_way_out = self._modules.get(node.id) in WAYS_OUT or self._symbols.get(node.id) == "opensearch.send"
        if is_way_out and id(node) not in explained and self._module != "opensearch":
            raise UnknownCallError(f"{self._at(node)}: {node.id} is used in another way than a call")

    def _at(self, node: ast.AST) -> str:
        return f"{self._module}.py:{getattr(node, 'lineno', '?')}"


def _names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}
