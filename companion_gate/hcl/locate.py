"""Finds the source line behind a planned attribute."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from companion_gate.hcl.documents import ModuleSource, read_module
from companion_gate.hcl.paths import find
from companion_gate.hcl.syntax import Block, shown


@dataclass(frozen=True)
class SourceLine:
    """One line of a .tf file. ``exact`` is False when the attribute is not written and the line is its block's."""

    file: Path
    line: int
    text: str
    exact: bool

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}: {self.text}"


def locate(folder: Path, type_: str, name: str, path: str = "") -> SourceLine | None:
    """The line of a resource's attribute; None when the folder has no such resource.

    ``path`` is read from the plan, such as ``point_in_time_recovery[0].enabled``; without it, the resource's own line.
    An attribute that is not written (a provider default) gives the nearest enclosing block; one that a ``dynamic``
    block makes gives its line in ``content``. See ``paths.find`` for the numbers of set blocks.
    """
    return locate_in(read_module(folder), ("resource", type_, name), path)


def locate_in(module: ModuleSource, block: tuple[str, ...], path: str = "") -> SourceLine | None:
    """The same for any top-level block: ``("data", type, name)``, ``("module", name)``, ``("variable", name)``."""
    candidates = [candidate for candidate in module.blocks(*block) if candidate.key == block]
    if not candidates:
        return None
    if not path:
        return _line(module, candidates[0], candidates[0].line, exact=True)
    results = [(candidate, find(candidate, path)) for candidate in candidates]
    candidate, found = next(((one, way) for one, way in results if way.node is not None), results[0])
    return _line(module, candidate, found.nearest.line, exact=found.node is not None)


def _line(module: ModuleSource, block: Block, line: int, *, exact: bool) -> SourceLine:
    return SourceLine(block.file, line, module.document(block.file).line_text(line), exact)
