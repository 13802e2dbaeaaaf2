"""README.md of modules: writes and checks the interface tables, and finds the examples.

``python -m companion_gate.readme modules/*/`` rewrites what stands between the two marker lines, ``--check`` only
compares. Exit status: 0 all is current, 1 something is out of date, 2 something cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_text
from companion_gate.hcl.interface import interface_table
from companion_gate.hcl.syntax import parse, shown

BEGIN = "<!-- BEGIN interface -->"
END = "<!-- END interface -->"
_LANGUAGES = ("hcl", "terraform", "tf")


@dataclass(frozen=True)
class Example:
    """A fenced HCL block that calls a module: ``index`` counts them from 1, ``line`` is its first line of HCL."""

    index: int
    title: str
    line: int
    text: str


def readme_examples(readme: Path) -> list[Example]:
    """The examples of a README; title is the nearest heading above. Raises HclError when a block is no HCL."""
    examples: list[Example] = []
    title = ""
    tokens = MarkdownIt().parse(read_text(readme))
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            title = tokens[number + 1].content
        if token.type != "fence" or token.map is None or token.info.split()[:1] not in [[name] for name in _LANGUAGES]:
            continue
        first_line = token.map[0] + 2
        # The blank lines give the HCL the line numbers of the README, for messages.
        document = parse("\n" * (first_line - 1) + token.content, readme)
        if any(block.kind == "module" for block in document.blocks):
            examples.append(Example(len(examples) + 1, title, first_line, token.content))
    return examples


def with_interface(readme: Path, folder: Path) -> str:
    """The README's text with the current interface tables of a module folder. Raises GateError without markers."""
    text = read_text(readme)
    lines = text.split("\n")
    places = [[number for number, line in enumerate(lines) if line.strip() == marker] for marker in (BEGIN, END)]
    if [len(place) for place in places] != [1, 1] or places[0][0] > places[1][0]:
        raise GateError(
            f"{shown(readme)}: has no place for the interface tables; "
            f"write one line `{BEGIN}` and below it one line `{END}`"
        )
    begin, end = places[0][0], places[1][0]
    return "\n".join([*lines[: begin + 1], "", interface_table(folder), *lines[end:]])


def readme_fault(folder: Path) -> str | None:
    """A sentence if the README's interface tables are out of date. Raises GateError."""
    readme = folder / "README.md"
    if read_text(readme) == with_interface(readme, folder):
        return None
    line = read_text(readme).split(BEGIN)[0].count("\n") + 1
    return (
        f"{shown(readme)}:{line}: the interface tables are out of date; "
        f"run `python -m companion_gate.readme {shown(folder)}`"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m companion_gate.readme", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a README is out of date")
    parser.add_argument("folders", nargs="+", type=Path, metavar="folder", help="a module folder with a README.md")
    options = parser.parse_args(arguments)
    try:
        faults = _check(options.folders) if options.check else _write(options.folders)
    except GateError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def _check(folders: list[Path]) -> list[str]:
    return [fault for folder in folders if (fault := readme_fault(folder))]


def _write(folders: list[Path]) -> list[str]:
    # All are composed before the first is written, so that an unreadable module leaves every README as it was.
    composed = [(folder / "README.md", with_interface(folder / "README.md", folder)) for folder in folders]
    for readme, text in composed:
        if read_text(readme) != text:
            readme.write_bytes(text.encode("utf-8"))
            sys.stdout.write(f"{shown(readme)}\n")
    return []


if __name__ == "__main__":
    sys.exit(main())
