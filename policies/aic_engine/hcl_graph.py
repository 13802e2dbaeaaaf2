"""Module scopes of HCL sources: their variables, locals, outputs, module calls and resources."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from aic_engine.graph import InstanceKey, Scope
from aic_engine.hcl_evaluate import Env, descend, evaluate
from aic_engine.hcl_files import configuration_files, variable_files
from aic_engine.hcl_instances import IndexKey, Instance, OwnKey
from aic_engine.hcl_nodes import Attribute, Block, Body, Literal, Node, references, written
from aic_engine.hcl_operations import as_amount
from aic_engine.hcl_policy_document import policy_document
from aic_engine.hcl_resource import HclResource
from aic_engine.hcl_types import convert
from aic_engine.rule import RuleError
from aic_engine.traversals import with_iteration
from aic_engine.values import Known, Unknown, Value, holds_unknown

Parse = Callable[[Path], Body]
_NOT_GIVEN = object()
_CIRCLE = Unknown("its references go in a circle")
_META = ("source", "version", "for_each", "count", "providers", "depends_on")
_MOST_INSTANCES = 100


class Planned(Protocol):
    """Values of resource instances that a plan knows: module address, type, name, key and attribute path."""

    def __call__(self, module: str, type_: str, name: str, key: InstanceKey, path: str) -> Value | None: ...


class HclScope(Scope):
    """One module folder as it is called from one place.

    ``instance`` holds ``each`` and ``count`` of the one instance meant; without it the scope stands for all
    instances of the call. ``given`` are values of a root's variables, which then win over files and defaults;
    ``planned`` tells what a plan knows of resources, ``workspace`` in which workspace it was made.
    """

    def __init__(
        self,
        files: Mapping[Path, Body],
        overriding: Mapping[Path, Body],
        address: str = "",
        parent: HclScope | None = None,
        call: Body | None = None,
        *,
        folder: Path | None = None,
        key: InstanceKey = None,
        instance: Mapping[str, Any] | None = None,
        given: Mapping[str, Any] | None = None,
        planned: Planned | None = None,
        workspace: str | None = None,
    ) -> None:
        super().__init__(address=address, parent=parent, folder=folder, key=key)
        self._parent, self._call = parent, call or Body()
        self._instance, self._given, self._planned = instance, given or {}, planned
        self.workspace: str | None = parent.workspace if parent is not None else workspace
        self._variables: dict[str, Body] = {}
        self._outputs: dict[str, Body] = {}
        self._locals: dict[str, Node] = {}
        self._data: dict[str, Body] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self.calls: dict[str, Body] = {}
        """The module calls of this folder by name."""
        for path, body in files.items():
            self._read(path, body)
        for path, body in overriding.items():
            self._override(path, body)
        self.locals = {name: references(node) for name, node in self._locals.items()}
        self.outputs = {name: references(body.node("value")) for name, body in self._outputs.items()}
        if parent is not None:
            self.repetition = parent.repetition_of(self._call) if instance is None else ""
            iteration = references(self._call.node("for_each"))
            self.arguments = {
                name: with_iteration(references(attribute.value), iteration)
                for name, attribute in self._call.attributes.items()
                if name not in _META
            }

    def _read(self, path: Path, body: Body) -> None:
        for block in body.blocks:
            if block.kind == "resource" and len(block.labels) == 2:
                resource = HclResource(block, self, path)
                self.resources.setdefault(resource.block_address, []).append(resource)
            elif block.kind == "data" and len(block.labels) == 2:
                self._data[".".join(block.labels)] = block.body
            else:
                self._read_named(block)

    def _read_named(self, block: Block) -> None:
        named = {"variable": self._variables, "output": self._outputs, "module": self.calls}
        if block.kind in named and block.labels:
            known = named[block.kind].get(block.labels[0], Body())
            merged: dict[str, Attribute] = {**known.attributes, **block.body.attributes}
            named[block.kind][block.labels[0]] = Body(merged, [*known.blocks, *block.body.blocks])
        elif block.kind == "locals":
            self._locals.update({name: attribute.value for name, attribute in block.body.attributes.items()})

    def _override(self, path: Path, body: Body) -> None:
        for block in body.blocks:
            if block.kind == "resource" and len(block.labels) == 2:
                for resource in self.resources.get(".".join(block.labels), []):
                    if isinstance(resource, HclResource):
                        resource.overridden = True
            else:
                self._read_named(block)

    def variable(self, name: str, depth: int) -> Any:
        """The value of ``var.<name>`` here: the caller's argument, a variable file, or the default."""
        return self._once("var", name, lambda: self._variable(name, depth))

    def _variable(self, name: str, depth: int) -> Any:
        declared = self._variables.get(name, Body())
        value: Any = _NOT_GIVEN
        if self._parent is not None and (argument := self._call.node(name)) is not None:
            value = self._parent.value_for(self._call, argument, self._instance, depth)
        elif name in self._given:
            value = self._given[name]
        nullable = declared.node("nullable")
        if value is None and isinstance(nullable, Literal) and nullable.value is False:
            value = _NOT_GIVEN  # Terraform docs, "Disallowing Null Input Values": null then means the default
        if value is _NOT_GIVEN and (default := declared.node("default")) is not None:
            value = evaluate(default, Env(self, depth=depth))
        if value is _NOT_GIVEN:
            return Unknown(f"var.{name} has no default", "plan it with an example that sets the variable")
        return convert(value, declared.node("type"))

    def local(self, name: str, depth: int) -> Any:
        if name not in self._locals:
            return Unknown(f"local.{name} is not there")
        return self._once("local", name, lambda: evaluate(self._locals[name], Env(self, depth=depth)))

    def _once(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        if (kind, name) not in self._values:
            self._values[kind, name] = _CIRCLE
            self._values[kind, name] = make()
        return self._values[kind, name]

    def output_of(self, call: str, output: str, index: Any, depth: int) -> Any:
        """The value of ``module.<call>.<output>``, or of one of its instances."""
        child = self._child(call, index)
        return Unknown(f"module.{call} was not read") if child is None else child._output(output, depth)

    def outputs_of(self, call: str, index: Any, depth: int) -> Any:
        """All outputs of ``module.<call>``: of one instance, or of each by its key."""
        body = self.calls.get(call, Body())
        repeated = body.node("count") is not None or body.node("for_each") is not None
        if index is not None or not repeated:
            child = self._child(call, index)
            return Unknown(f"module.{call} was not read") if child is None else child._all_outputs(depth)
        instances = self.instances(body)
        if instances is None:
            return Unknown(f"which instances module.{call} has is not known")
        found = {}
        for instance in instances:
            key = instance.get("each.key", instance.get("count.index"))
            child = self._child(call, key)
            found[key] = Unknown(f"module.{call} was not read") if child is None else child._all_outputs(depth)
        return found if body.node("for_each") is not None else list(found.values())

    def _child(self, call: str, index: Any) -> HclScope | None:
        """The scope of one instance; without an own one, the scope that stands for all of them."""
        children = [child for child in self.children.get(call, []) if isinstance(child, HclScope)]
        own = [child for child in children if child.key == index and not isinstance(index, Unknown | OwnKey)]
        if len(own) == 1 and (index is not None or not own[0].repetition):
            return own[0]
        if len(children) != 1 or children[0].key is not None or index is None:
            return None
        keys = [each.get("each.key", each.get("count.index")) for each in self.instances(self.calls[call]) or []]
        return children[0] if isinstance(index, OwnKey) or index in keys else None

    def _output(self, name: str, depth: int) -> Any:
        node = self._outputs[name].node("value") if name in self._outputs else None
        if node is None:
            return Unknown(f"output {name} is not there")
        return self._once("output", name, lambda: evaluate(node, Env(self, depth=depth)))

    def _all_outputs(self, depth: int) -> dict[str, Any]:
        return {name: self._output(name, depth) for name in self._outputs}

    def resource_value(self, type_: str, keys: list[Any], depth: int) -> Any:
        """The value of ``<type>.<name>…``: where that is certain, else unknown with its origin."""
        name, rest = str(keys[0]), keys[1:]
        index: Any = None
        if rest and isinstance(rest[0], IndexKey | int | Unknown | OwnKey):
            index, rest = rest[0], rest[1:]
        if index is None and not rest and (whole := self._instances_of(type_, name)) is not None:
            return whole
        where = f"{type_}.{name}{_bracketed(index)}"
        unknown = Unknown(f"it is {where}, known to Terraform only", origin=(self, where))
        if isinstance(index, Unknown):
            return Unknown("it takes one element out of a collection")
        if isinstance(index, OwnKey):
            unknown = Unknown("it belongs to the instance with the same key", origin=(self, where))
        path = "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in rest).lstrip(".")
        found = self._known(type_, name, index, path, depth) if path else None
        if isinstance(found, Known) and not holds_unknown(found.value):
            return found.value
        return descend(unknown, rest)

    def _known(self, type_: str, name: str, index: Any, path: str, depth: int) -> Value | None:
        if isinstance(index, OwnKey):
            return None
        if self._planned is not None:
            return self._planned(self.address, type_, name, index, path)
        block = self._block(type_, name)
        if block is None or (index is None and block.repetition):
            return None
        if index is None:
            return block.at(path, None, depth)
        own = [
            each for each in self.instances(block.body) or [] if each.get("each.key", each.get("count.index")) == index
        ]
        return block.at(path, own[0], depth) if len(own) == 1 else None

    def _instances_of(self, type_: str, name: str) -> dict[Any, Any] | list[Any] | None:
        """All instances of a repeated block; ``None`` where it is not repeated, or by what is not known."""
        block = self._block(type_, name)
        instances = self.instances(block.body) if block is not None else None
        if block is None or instances is None:
            return None
        found = {}
        for instance in instances:
            key = instance.get("each.key", instance.get("count.index"))
            shown = IndexKey(key) if isinstance(key, str) else key
            where = f"{type_}.{name}{_bracketed(shown)}"
            reason = f"it is {where}, known to Terraform only"
            found[key] = Instance(reason, origin=(self, where), type=type_, keys=(name, shown))
        return found if block.body.node("for_each") is not None else list(found.values())

    def _block(self, type_: str, name: str) -> HclResource | None:
        blocks = self.resources.get(f"{type_}.{name}", [])
        return blocks[0] if len(blocks) == 1 and isinstance(blocks[0], HclResource) else None

    def data_value(self, keys: list[Any], depth: int) -> Any:
        """What a data source gives; only the document of ``aws_iam_policy_document`` is made of HCL alone."""
        body = self._data.get(".".join(map(str, keys[:2])))
        where = ".".join(map(str, keys))
        single = body is not None and body.node("count") is None and body.node("for_each") is None
        if body is not None and single and keys[0] == "aws_iam_policy_document" and keys[2:] == ["json"]:
            return policy_document(body, Env(self, depth=depth))
        return Unknown(f"it is data.{where}, known to Terraform only")

    def value_for(self, body: Body, node: Node, instance: Mapping[str, Any] | None, depth: int) -> Any:
        """The value of an expression in a block that may be repeated: the one of all its instances, or of one."""
        value = evaluate(node, Env(self, instance, depth=depth))
        if instance is None and holds_unknown(value) and (instances := self.instances(body)):
            values = [evaluate(node, Env(self, each, depth=depth)) for each in instances]
            if not any(map(holds_unknown, values)) and all(each == values[0] for each in values):
                return values[0]
        return value

    def instances(self, body: Body) -> list[dict[str, Any]] | None:
        """``each`` and ``count`` of every instance of a block; ``None`` where they are not known, or too many."""
        if (node := body.node("count")) is not None:
            count = as_amount(evaluate(node, Env(self)))
            if count is None or count > _MOST_INSTANCES:
                return None
            return [{"count.index": at} for at in range(int(count))]
        if (node := body.node("for_each")) is None:
            return None
        value = evaluate(node, Env(self))
        if not isinstance(value, dict | list) or len(value) > _MOST_INSTANCES:
            return None
        pairs = value.items() if isinstance(value, dict) else ((item, item) for item in value)
        return [{"each.key": key, "each.value": item} for key, item in pairs]

    def makes_instances(self, body: Body) -> bool | Unknown:
        """Whether ``count`` or ``for_each`` of a block, and of the calls around this module, leave an instance."""
        own = self._iterates(body)
        if self._parent is None or own is False:
            return own
        outer = self._parent.makes_instances(self._call)
        return outer if own is True or outer is False else own

    def repetition_of(self, body: Body) -> str:
        """The text of ``for_each`` or ``count`` of a block of this folder; ``count`` of 0 or 1 repeats nothing."""
        for name in ("count", "for_each"):
            if (node := body.node(name)) is not None:
                single = name == "count" and as_amount(evaluate(node, Env(self))) in (0, 1)
                return "" if single else f"{name} = {_shown(node)}"
        return ""

    def _iterates(self, body: Body) -> bool | Unknown:
        for name in ("count", "for_each"):
            if (node := body.node(name)) is not None:
                value = evaluate(node, Env(self))
                if isinstance(value, Unknown):
                    return Unknown(f"{name} decides whether it exists: {value.reason}")
                number = as_amount(value) if name == "count" else None
                return bool(value) if number is None else number > 0
        return True


def read_scope(
    folder: Path, parse: Parse, address: str = "", parent: HclScope | None = None, call: Body | None = None, **more: Any
) -> HclScope:
    """The scope of a folder; a root takes its variables from the files that Terraform reads by itself."""
    plain, overriding = configuration_files(folder)
    given = more.pop("given", None)
    if parent is None and given is None:
        given = _from_files(folder, parse)
    return HclScope(
        {path: parse(path) for path in plain},
        {path: parse(path) for path in overriding},
        address,
        parent,
        call,
        folder=folder,
        given=given,
        **more,
    )


def _from_files(folder: Path, parse: Parse) -> dict[str, Any]:
    values: dict[str, Any] = {}
    nowhere = Env(HclScope({}, {}))
    for path in variable_files(folder):
        if path.suffix == ".json":
            values.update(_json_object(path))
        else:
            body = parse(path)
            values.update({name: evaluate(each.value, nowhere) for name, each in body.attributes.items()})
    return values


def _json_object(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(f"{path} cannot be read as JSON: {error}; correct it") from error
    if not isinstance(values, dict):
        raise RuleError(f"{path} holds no JSON object; write one entry per variable")
    return values


def _bracketed(index: Any) -> str:
    if index is None:
        return ""
    if isinstance(index, OwnKey):
        return f"[{index.text}]"
    return f'["{index}"]' if isinstance(index, str) else f"[{index}]"


def _shown(node: Node) -> str:
    """The same text for the same expression."""
    return written(node) or repr(node)
