"""Which files Terraform loads from a folder, and which other folders a root calls by local paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_file
from companion_gate.hcl.syntax import Block, Value

# Terraform docs: "Module Sources", local paths.
_LOCAL_PREFIXES = ("./", "../")


def module_blocks(folder: Path) -> tuple[Block, ...]:
    """All top-level blocks of the module in `folder`, override files included.

    GateError for a folder without .tf files, a file that does not parse, and JSON configuration, which is not read.
    """
    try:
        names = sorted(path.name for path in folder.iterdir() if is_configuration(path.name))
    except OSError as error:
        raise GateError(f"module folder {folder} cannot be read: {error.strerror}; correct the path") from error
    if not names:
        raise GateError(f"{folder} holds no .tf file; point to a folder with a Terraform module")
    blocks: list[Block] = []
    for name in names:
        file = folder / name
        if name.endswith(".json"):
            raise GateError(f"{file}:1: JSON configuration is not read by the gate; write it as a .tf file")
        blocks += read_file(file).blocks
    return tuple(blocks)


def is_configuration(name: str) -> bool:
    """Whether Terraform loads a file of this name (editors' backup files are ignored by it, and so here)."""
    ignored = name.startswith((".", "#")) or name.endswith(("~", "#"))
    return not ignored and name.endswith((".tf", ".tf.json"))


def literal(value: Value | None) -> str | None:
    """The text of a quoted string without template or escape, or None."""
    if value is None or len(value.text) < 2 or value.text[0] != '"' or value.text[-1] != '"':
        return None
    text = value.text[1:-1]
    return None if any(sign in text for sign in ("${", "%{", "\\", '"')) else text


def attribute_value(block: Block, name: str) -> Value | None:
    """The right-hand side of an argument, or None when the block does not set it."""
    attribute = block.attribute(name)
    return attribute.value if attribute else None


def absolute(path: Path) -> Path:
    """The path made absolute and without "..", links left as they are."""
    return Path(os.path.normpath(path.absolute()))


def local_source(call: Block) -> str | None:
    """The `source` of a module call when it is a local path, else None."""
    source = literal(attribute_value(call, "source"))
    return source if source and source.startswith(_LOCAL_PREFIXES) else None


def local_calls(blocks: Iterable[Block], folder: Path) -> Iterator[Path]:
    """The folders that the module calls among `blocks` name; GateError where one does not exist."""
    for call in blocks:
        source = local_source(call) if call.kind == "module" else None
        if source is None:
            continue
        called = absolute(folder / source)
        if not called.is_dir():
            raise GateError(
                f'{call.file}:{call.line}: module "{call.name}" names {source}, which is no folder; correct its source'
            )
        yield called


def module_closure(root: Path) -> tuple[Path, ...]:
    """The root and every module folder it calls by local paths, directly or not; absolute, root first."""
    start = absolute(root)
    found: dict[Path, None] = {start: None}
    queue = [start]
    while queue:
        folder = queue.pop()
        for called in local_calls(module_blocks(folder), folder):
            if called not in found:
                found[called] = None
                queue.append(called)
    return tuple(found)


def declared_variables(folder: Path) -> dict[str, Block]:
    """The variable blocks of a module by name."""
    return {block.name: block for block in module_blocks(folder) if block.kind == "variable"}
