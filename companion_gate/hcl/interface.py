"""What a module offers: its variables and outputs, the rules they keep and their table for a README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from companion_gate._vendor import hcl2
from companion_gate._vendor.hcl2.utils import SerializationOptions
from companion_gate.hcl.documents import read_module
from companion_gate.hcl.syntax import Attribute, Block, HclError, expression_tree, shown, source, trees

_ONE_LINE = SerializationOptions(with_comments=False, wrap_objects=True, wrap_tuples=True)
_STRING = SerializationOptions(with_comments=False, strip_string_quotes=True)


@dataclass(frozen=True)
class Variable:
    """One ``variable`` block. ``type`` and ``default`` are HCL on one line; ``nullable`` is None where not written."""

    file: Path
    line: int
    name: str
    type: str | None
    default: str | None
    description: str
    sensitive: bool
    nullable: bool | None

    @property
    def required(self) -> bool:
        """Whether a caller has to set it: it has no default."""
        return self.default is None


@dataclass(frozen=True)
class Output:
    """One ``output`` block."""

    file: Path
    line: int
    name: str
    description: str
    sensitive: bool


@dataclass(frozen=True)
class Interface:
    """Variables and outputs of a module, in the order of its files."""

    variables: tuple[Variable, ...]
    outputs: tuple[Output, ...]


def read_interface(folder: Path) -> Interface:
    """Reads a module's interface. Raises HclError."""
    module = read_module(folder)
    return Interface(
        tuple(_variable(block) for block in module.variables), tuple(_output(block) for block in module.outputs)
    )


def interface_faults(folder: Path) -> list[str]:
    """Sentences on what breaks the rules: each variable has a type without ``any``, a description and ``nullable``;
    each output has a description. Empty when all is well. Raises HclError."""
    interface = read_interface(folder)
    faults = []
    for variable in interface.variables:
        place = f'{shown(variable.file)}:{variable.line}: variable "{variable.name}"'
        if not variable.description:
            faults.append(f"{place} has no description; add one")
        if variable.type is None:
            faults.append(f"{place} has no type; add one")
        elif _says_any(variable.type):
            faults.append(f"{place} has the type any, which accepts everything; name the type that it needs")
        if variable.nullable is None:
            faults.append(f"{place} leaves nullable open; write nullable = false, or true where null has a meaning")
    for output in interface.outputs:
        if not output.description:
            place = f'{shown(output.file)}:{output.line}: output "{output.name}"'
            faults.append(f"{place} has no description; add one")
    return faults


def interface_table(folder: Path) -> str:
    """The interface as two Markdown tables, ending with a newline. Raises HclError."""
    interface = read_interface(folder)
    variables = [
        (_code(item.name), _code(item.type or "any"), _default(item), _described(item)) for item in interface.variables
    ]
    outputs = [(_code(item.name), _described(item)) for item in interface.outputs]
    parts = []
    if variables:
        parts.append(_table(("Variable", "Type", "Default", "Description"), variables))
    if outputs:
        parts.append(_table(("Output", "Description"), outputs))
    return "\n".join(parts) or "This module has no variables and no outputs.\n"


def _variable(block: Block) -> Variable:
    type_, default = block.attribute("type"), block.attribute("default")
    return Variable(
        block.file,
        block.line,
        block.name,
        _one_line(type_) if type_ else None,
        _one_line(default) if default else None,
        _description(block),
        _flag(block, "sensitive") or False,
        _flag(block, "nullable"),
    )


def _output(block: Block) -> Output:
    return Output(block.file, block.line, block.name, _description(block), _flag(block, "sensitive") or False)


def _one_line(attribute: Attribute) -> str:
    """The value as written; one of several lines as python-hcl2 joins it, as an object needs commas then."""
    text = attribute.value.text
    if "\n" not in text or text.startswith("<<"):
        return " ".join(text.split()) if "\n" in text else text
    value = str(hcl2.loads(f"value = {text}\n", serialization_options=_ONE_LINE)["value"])
    return value[2:-1] if value.startswith("${") else value


def _description(block: Block) -> str:
    attribute = block.attribute("description")
    if attribute is None:
        return ""
    text = attribute.value.text
    if text.startswith("<<"):
        return " ".join(" ".join(text.split("\n")[1:-1]).split())
    return " ".join(str(hcl2.loads(f"value = {text}\n", serialization_options=_STRING)["value"]).split())


def _flag(block: Block, name: str) -> bool | None:
    attribute = block.attribute(name)
    if attribute is None:
        return None
    if attribute.value.text not in ("true", "false"):
        raise HclError(f"{shown(block.file)}:{attribute.line}: {name} is not true or false; write one of them")
    return attribute.value.text == "true"


def _says_any(type_: str) -> bool:
    """Whether ``any`` stands as a type somewhere in a type expression; an object's attribute may have that name."""
    text = f"value = {type_}\n"
    pending = [expression_tree(type_)]
    while pending:
        node = pending.pop()
        if node.data == "identifier" and source(node, text) == "any":
            return True
        pending.extend(child for child in trees(node) if child.data != "object_elem_key")
    return False


def _default(variable: Variable) -> str:
    return "required" if variable.default is None else _code(variable.default)


def _described(item: Variable | Output) -> str:
    return _cell(item.description) + (" (sensitive)" if item.sensitive else "")


def _table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    """A Markdown code span; GitHub reads ``\\|`` as a bar even in code when it stands in a table."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{_cell(text)}{pad}{fence}"
