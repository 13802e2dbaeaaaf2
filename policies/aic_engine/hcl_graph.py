"""The resource graph of HCL sources, from what Checkov's parser (its fork of python-hcl2) reads.

Nothing is guessed: an attribute is known only where :mod:`aic_engine.expressions` is certain; whatever a ``dynamic``
block, an override file or a value of Terraform's own decides is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aic_engine.expressions import convert, evaluate, is_expression
from aic_engine.graph import Resource, Scope, with_iteration
from aic_engine.hcl_files import configuration_files, variable_files
from aic_engine.rule import RuleError
from aic_engine.traversals import template_references
from aic_engine.values import ABSENT, Known, Step, Unknown, Value, as_number, dig, entry, parse_path

Document = Mapping[str, Any]
Parse = Callable[[Path], Document]


class HclResource(Resource):
    """One resource block. ``count`` and ``for_each`` are not expanded: the block speaks for its instances."""

    def __init__(self, type_: str, name: str, body: Mapping[str, Any], scope: HclScope, file: Path) -> None:
        super().__init__(type_, name, scope)
        self._body = body
        self._hcl = scope
        self.file = str(file)
        self.line = body.get("__start_line__")
        self.overridden = False

    @property
    def exists(self) -> bool | Unknown:
        return self._hcl.makes_instances(self._body)

    @property
    def iteration(self) -> tuple[str, ...]:
        return raw_references(self._body.get("for_each", []))

    @property
    def repetition(self) -> str:
        return self._hcl.repetition_of(self._body)

    def get(self, path: str) -> Value:
        steps = parse_path(path)
        raw, rest = self._walk(steps)
        if isinstance(raw, Unknown) or raw is None:
            return ABSENT if raw is None else raw
        return dig(evaluate(raw, self._hcl), rest)

    def blocks(self, name: str) -> int | Unknown:
        if self.overridden:
            return _OVERRIDDEN
        if name in _dynamic_blocks(self._body):
            return _DYNAMIC
        return len(self._body.get(name, []))

    def expression(self, path: str) -> tuple[str, ...] | None:
        raw, rest = self._walk(parse_path(path))
        if isinstance(raw, Unknown):
            return None
        for step in rest:
            if isinstance(raw, dict | list):
                raw = entry(raw, step, ())
        return raw_references(raw)

    def is_constant(self, path: str) -> bool:
        """True where the source holds a literal there."""
        raw, _ = self._walk(parse_path(path))
        return raw is not None and not isinstance(raw, Unknown) and not _has_expression(raw)

    def is_unknown(self, path: str) -> bool:
        return isinstance(self.get(path), Unknown)

    def _walk(self, steps: tuple[Step, ...]) -> tuple[Any, tuple[Step, ...]]:
        """The raw value where blocks end, and the steps left inside it; ``None`` where nothing is written.

        The parser wraps every argument and every block in a list of its occurrences; ``name[i]`` in a path asks for
        the i-th block, a name without index for an argument.
        """
        if self.overridden:
            return _OVERRIDDEN, ()
        body: Any = self._body
        at = 0
        while at < len(steps):
            name = steps[at]
            if not isinstance(body, dict):
                return _DYNAMIC, ()
            if name in _dynamic_blocks(body):
                return _DYNAMIC, ()
            if name not in body:
                return None, ()
            occurrences = body[name]
            index = steps[at + 1] if at + 1 < len(steps) else None
            if isinstance(index, int) and occurrences and isinstance(occurrences[0], dict):
                if index >= len(occurrences):
                    return None, ()
                body, at = occurrences[index], at + 2
                continue
            return (occurrences[0] if occurrences else None), steps[at + 1 :]
        return body, ()


_DYNAMIC = Unknown("a dynamic block decides it", "write the block out, or decide it on the plan")
_NOT_GIVEN = object()
_OVERRIDDEN = Unknown("an override file changes this resource", "remove the override file, or decide it on the plan")


class HclScope(Scope):
    """One module folder as it is called from one place."""

    def __init__(
        self, folder: Path, address: str, parent: HclScope | None, call: Mapping[str, Any], parse: Parse
    ) -> None:
        super().__init__(address=address, parent=parent, folder=folder)
        self.source = folder
        self._parent = parent
        self._call = call
        self._blocks: dict[str, dict[str, Any]] = {"variable": {}, "output": {}, "locals": {}, "module": {}}
        self._tfvars: dict[str, Any] = {}
        self._read(parse)
        if parent is not None:
            self.repetition = parent.repetition_of(call)
            iteration = raw_references(call.get("for_each", []))
            self.arguments = {
                name: with_iteration(raw_references(value), iteration)
                for name, value in call.items()
                if not name.startswith("__") and name not in ("source", "version", "for_each", "count", "providers")
            }

    @property
    def calls(self) -> Mapping[str, Mapping[str, Any]]:
        """The module calls of this folder by name."""
        return self._blocks["module"]

    def _read(self, parse: Parse) -> None:
        plain, overriding = configuration_files(self.source)
        overrides: set[str] = set()
        for path in (*plain, *overriding):
            document = parse(path)
            is_override = path in overriding
            for block in document.get("resource", []):
                for type_, named in block.items():
                    for name, body in named.items():
                        if is_override:
                            overrides.add(f"{type_}.{name}")
                        else:
                            resource = HclResource(type_, name, body, self, path)
                            self.resources.setdefault(resource.block_address, []).append(resource)
            for kind in ("variable", "output", "module"):
                for block in document.get(kind, []):
                    for name, body in block.items():
                        self._blocks[kind][name] = {**self._blocks[kind].get(name, {}), **body}
            for block in document.get("locals", []):
                self._blocks["locals"].update({k: v[0] for k, v in block.items() if not k.startswith("__")})
        for name in overrides & set(self.resources):
            for overridden in self.resources[name]:
                if isinstance(overridden, HclResource):
                    overridden.overridden = True
        self.locals = {name: raw_references(raw) for name, raw in self._blocks["locals"].items()}
        self.outputs = {name: raw_references(body.get("value", [])) for name, body in self._blocks["output"].items()}
        if self._parent is None:
            self._tfvars = self._read_tfvars(parse)

    def _read_tfvars(self, parse: Parse) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for path in variable_files(self.source):
            if path.suffix == ".json":
                values.update(_json_object(path))
            else:
                values.update({k: v[0] for k, v in parse(path).items() if not k.startswith("__")})
        return values

    def variable(self, name: str, depth: int) -> Any:
        """The value of ``var.<name>`` here: the caller's argument, terraform.tfvars, or the default."""
        declared = self._blocks["variable"].get(name, {})
        value: Any = _NOT_GIVEN
        if self._parent is not None and name in self._call:
            value = evaluate(self._call[name][0], self._parent, depth)
        elif name in self._tfvars:
            value = evaluate(self._tfvars[name], self, depth)
        if value is None and (declared.get("nullable") or [True])[0] is False:
            value = _NOT_GIVEN  # Terraform docs, "Disallowing Null Input Values": null then means the default
        if value is _NOT_GIVEN and "default" in declared:
            value = evaluate(declared["default"][0], self, depth)
        if value is _NOT_GIVEN:
            return Unknown(f"var.{name} has no default", "plan it with an example that sets the variable")
        return convert(value, self._type_of(name))

    def has_optional_attributes(self, name: str) -> bool:
        """True where the type of a variable may add attributes to the value it is given."""
        return "optional(" in self._type_of(name)

    def _type_of(self, name: str) -> str:
        declared = self._blocks["variable"].get(name, {})
        return str((declared.get("type") or [""])[0]).strip("${} ")

    def local(self, name: str, depth: int) -> Any:
        if name not in self._blocks["locals"]:
            return Unknown(f"local.{name} is not in {self.source.name}")
        return evaluate(self._blocks["locals"][name], self, depth)

    def output_of(self, call: str, output: str, depth: int) -> Any:
        for child in self.children.get(call, []):
            if isinstance(child, HclScope) and output in child.outputs:
                return evaluate(child._blocks["output"][output]["value"][0], child, depth)
        return Unknown(f"module.{call} was not read")

    def makes_instances(self, body: Mapping[str, Any]) -> bool | Unknown:
        """Whether ``count`` or ``for_each`` of a block, and of the calls around this module, leave an instance."""
        own = self._iterates(body)
        if self._parent is None or own is False:
            return own
        outer = self._parent.makes_instances(self._call)
        return outer if own is True or outer is False else own

    def repetition_of(self, body: Mapping[str, Any]) -> str:
        """The text of ``for_each`` or ``count`` of a block of this folder; ``count`` of 0 or 1 repeats nothing."""
        for name in ("count", "for_each"):
            if name in body:
                value = evaluate(body[name][0], self)
                single = name == "count" and not isinstance(value, Unknown) and as_number(Known(value)) in (0, 1)
                return "" if single else f"{name} = {body[name][0]}"
        return ""

    def _iterates(self, body: Mapping[str, Any]) -> bool | Unknown:
        for name in ("count", "for_each"):
            if name in body:
                value = evaluate(body[name][0], self)
                if isinstance(value, Unknown):
                    return Unknown(f"{name} decides whether it exists: {value.reason}")
                number = as_number(Known(value)) if name == "count" else None
                return bool(value) if number is None else number > 0
        return True


def raw_references(raw: Any) -> tuple[str, ...]:
    """All traversals in a raw value of Checkov's parser."""
    found: dict[str, None] = {}
    if isinstance(raw, str):
        found.update(dict.fromkeys(template_references(raw)))
    elif isinstance(raw, list):
        for item in raw:
            found.update(dict.fromkeys(raw_references(item)))
    elif isinstance(raw, dict):
        for key, item in raw.items():
            found.update(dict.fromkeys(raw_references(key) + raw_references(item)))
    return tuple(found)


def _json_object(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(f"{path} cannot be read as JSON: {error}; correct it") from error
    if not isinstance(values, dict):
        raise RuleError(f"{path} holds no JSON object; write one entry per variable")
    return values


def _dynamic_blocks(body: Any) -> set[str]:
    return {name for block in body.get("dynamic", []) for name in block} if isinstance(body, dict) else set()


def _has_expression(raw: Any) -> bool:
    if isinstance(raw, str):
        return is_expression(raw)
    if isinstance(raw, list):
        return any(_has_expression(item) for item in raw)
    return isinstance(raw, dict) and any(_has_expression(item) for item in (*raw, *raw.values()))
