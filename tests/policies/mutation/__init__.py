"""Weakens real stacks, and asks whether the policies notice."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from companion_gate import POLICIES_FOLDER
from companion_gate.gate.run import load_policies

REFERENCE = Path(__file__).parent.parent / "reference"
BREAKS = [(rule, weakening) for rule in load_policies(POLICIES_FOLDER) for weakening in rule.breaks]


def written_out(texts: Mapping[Path, str], folder: Path) -> Path:
    """The reference stack in a folder of its own, with other texts in place of some files."""
    shutil.copytree(REFERENCE, folder, dirs_exist_ok=True)
    for file, text in texts.items():
        (folder / file.relative_to(REFERENCE)).write_text(text, encoding="utf-8")
    return folder


def names() -> list[str]:
    return [f"{rule.name}: {weakening}" for rule, weakening in BREAKS]
