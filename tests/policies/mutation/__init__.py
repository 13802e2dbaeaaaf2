"""Weakens real stacks, and asks whether the policies notice."""

from pathlib import Path

from companion_gate import POLICIES_FOLDER
from companion_gate.gate.run import load_policies

REFERENCE = Path(__file__).parent.parent / "reference"
BREAKS = [(rule, weakening) for rule in load_policies(POLICIES_FOLDER) for weakening in rule.breaks]


def names() -> list[str]:
    return [f"{rule.name}: {weakening}" for rule, weakening in BREAKS]
